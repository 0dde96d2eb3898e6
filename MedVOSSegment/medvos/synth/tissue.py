"""The heart as bSSFP shows it, painted over the body one plane at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.synth.acquisition import Acquisition
from medvos.synth.motion import ANGLE, ANGLES, Motion, Section
from medvos.synth.noise import paint, ramp, smooth_noise

Array = NDArray[np.float32]

TEXTURE_LEVELS = 64


@dataclass(frozen=True)
class Muscle:
    """One head of a papillary muscle: its angle, distance from the axis and size, as parts of the usual ones."""

    angle: float
    place: float
    size: float


def _papillaries(rng: np.random.Generator) -> list[Muscle]:
    """Two papillary muscles of two or three heads each, in front of and behind the lateral wall."""
    heads = []
    for angle in (rng.uniform(0.55, 1.1), -rng.uniform(0.6, 1.2)):
        heads.append(Muscle(angle, rng.uniform(0.95, 1.1), rng.uniform(0.8, 1.1)))
        for _ in range(rng.integers(1, 3)):
            heads.append(Muscle(angle + rng.uniform(-0.25, 0.25), rng.uniform(0.9, 1.25), rng.uniform(0.5, 0.85)))
    return heads


@dataclass(frozen=True)
class Chamber:
    """An atrium or vessel above the valve planes: an ellipse (mm, in the LV's frame) with its swelling at ES."""

    x: float
    y: float
    width: float
    height: float
    swelling: float
    left: bool
    bend: float


class Tissue:
    """Structure of one heart that has no label: trabeculae, papillary muscles, fat, atria."""

    def __init__(self, motion: Motion, scan: Acquisition, rng: np.random.Generator) -> None:
        self.motion, self.scan = motion, scan
        p = motion.parameters
        size = motion.anatomy.radius + p.wall
        texture = (TEXTURE_LEVELS, ANGLES)
        ridges = [smooth_noise(rng, texture, (5.0, cell)) for cell in (30.0, 45.0, 22.0)]
        self.ridges = [np.clip(0.4 + 0.7 * r, 0.0, 1.9) for r in ridges]
        self.fat = p.fat * np.exp(0.45 * smooth_noise(rng, texture, (30.0, 160.0)))
        # The anterior and inferior grooves and the free wall of the RV carry most of the fat.
        self.fat *= (0.75 - 0.55 * np.cos(ANGLE)).astype(np.float32)
        self.fat_signal = -scan.fat * (1.0 + 0.15 * smooth_noise(rng, texture, (8.0, 40.0)))
        self.papillaries = _papillaries(rng)
        self.bands = [Muscle(a, rng.uniform(0.5, 0.85), rng.uniform(0.25, 0.6)) for a in rng.uniform(-0.7, 0.7, 5)]
        self.void_place = rng.uniform(-0.4, 0.4, 2)
        j = rng.uniform(0.85, 1.15, (4, 3))
        bend = np.array([1.0, 0.3, 1.0, 1.0]) * rng.uniform(-0.3, 0.3, 4)
        self.chambers = (
            Chamber(
                0.18 * size * j[0, 0], 0.28 * size, 0.82 * size * j[0, 1], 0.72 * size * j[0, 2], 0.14, True, bend[0]
            ),
            Chamber(
                -0.42 * size * j[1, 0], -0.42 * size, 0.4 * size * j[1, 1], 0.4 * size * j[1, 1], 0.03, True, bend[1]
            ),
            Chamber(
                -0.95 * size * j[2, 0], -1.05 * size, 0.6 * size * j[2, 1], 0.48 * size * j[2, 2], -0.05, False, bend[2]
            ),
            Chamber(
                -1.4 * size * j[3, 0], 0.3 * size, 0.68 * size * j[3, 1], 0.9 * size * j[3, 2], 0.1, False, bend[3]
            ),
        )

    def layers(self, phase: int, section: Section) -> dict[str, Array]:
        """Name to (planes, ANGLES) radii of the surfaces that are painted, outermost first."""
        p = self.motion.parameters
        row = np.clip(section.level / self.motion.anatomy.tip, 0, 1) * (TEXTURE_LEVELS - 1)
        row = row.astype(int)
        column = (np.arange(ANGLES) - (section.twist[:, None] * (ANGLES / (2 * np.pi))).astype(int)) % ANGLES
        lv_ridge, rv_ridge, inner = (r[row[:, None], column] for r in self.ridges)
        thin = np.clip(section.rv - section.epicardium, 0.0, None)
        steep = np.gradient(section.rv, ANGLE[1] - ANGLE[0], axis=1) / np.maximum(section.rv, 1.0)
        rv_wall = np.where(thin > 0, section.rv + p.rv_wall * np.clip(np.hypot(1.0, steep), 1.0, 2.5), 0.0)
        heart = np.maximum(section.epicardium, rv_wall)
        beyond = np.clip(section.level - self.motion.anatomy.tip, 0, None) * self.motion.length[phase]
        above = np.clip(-np.minimum(section.level * self.motion.length[phase], section.rv_level * p.lv_length), 0, None)
        hull = np.maximum(heart, section.hull * (1.0 - 0.008 * above).clip(0.6, 1.0)[:, None])
        fat = np.sqrt(np.clip((_filled(hull) + self.fat[row]) ** 2 - (2.0 * beyond[:, None]) ** 2, 0, None))
        closed = 1.0 + 0.5 * self.motion.lv[phase]
        depth = np.minimum(p.trabeculation * closed * lv_ridge, 0.55 * section.endocardium)
        rv_depth = np.minimum(1.3 * p.trabeculation * rv_ridge * (0.4 + section.rv_level[:, None]), 0.5 * thin)
        tables = {
            "fat": fat,
            "rv_wall": rv_wall,
            "rv": section.rv,
            "rv_core": np.where(thin > 0, section.rv - rv_depth, 0.0),
            "epicardium": section.epicardium,
            "endocardium": section.endocardium,
            "core": section.endocardium - depth * inner.clip(0.3, 1.2),
        }
        return {name: table.astype(np.float32) for name, table in tables.items()}

    def paint(self, signal: Array, phase: int, section: Section, x: Array, y: Array, flow: Array, pixel: float) -> None:
        """Paint the heart over ``signal`` (planes, N), in place.

        Parameters
        ----------
        x, y: (planes, N) pixels about the LV's axis, mm. flow: (N,) relative inhomogeneity of the blood.
        """
        scan = self.scan
        radius = np.hypot(x, y)
        turn = np.arctan2(y, x) * np.float32(ANGLES / (2 * np.pi)) + np.float32(ANGLES / 2 + 0.5)
        angle = turn.astype(np.int32) % ANGLES
        angle += (np.arange(len(x), dtype=np.int32) * ANGLES)[:, None]
        tables = self.layers(phase, section)

        def cover(name: str) -> Array:
            table = tables[name]
            edge = table.ravel()[angle]
            # A missing surface must not leave a dot on the axis.
            return ramp(radius - edge, pixel) * (edge > 0)

        blood = 1.0 + scan.blood_texture * flow
        rv_blood = scan.rv_blood * blood
        row = (np.clip(section.level, 0, 1) * (TEXTURE_LEVELS - 1)).astype(int)
        paint(signal, cover("fat"), self.fat_signal[row].ravel()[angle])
        if (section.rv_level < 0).any() or (section.level < 0).any():
            self._paint_chambers(signal, phase, section, x, y, blood, pixel, left=False)
        if tables["rv"].any():
            paint(signal, cover("rv_wall"), scan.myocardium * 0.95)
            paint(signal, cover("rv"), 0.55 * scan.myocardium + 0.45 * rv_blood)
            paint(signal, cover("rv_core"), rv_blood)
            self._paint_bands(signal, section, x, y, pixel)
        above = section.level < 0
        wall = np.where(above, -0.8 * scan.fat, scan.myocardium).astype(np.float32)[:, None]
        paint(signal, cover("epicardium"), wall)
        if above.any():
            self._paint_chambers(signal, phase, section, x, y, blood, pixel, left=True)
        paint(signal, cover("endocardium"), 0.6 * scan.myocardium + 0.4 * blood)
        core = cover("core")
        paint(signal, core, blood * (1.0 - self._void(phase, section, x, y, tables["endocardium"])))
        self._paint_papillaries(signal, phase, section, x, y, tables["endocardium"], pixel)

    def _void(self, phase: int, section: Section, x: Array, y: Array, endocardium: Array) -> Array:
        """Signal lost in the jets through the valves, strongest at the base while the volume changes."""
        speed = np.abs(np.roll(self.motion.lv, -1) - np.roll(self.motion.lv, 1))[phase] * len(self.motion.lv) / 10
        depth = self.scan.flow_void * min(speed, 1.0) * np.exp(-3.0 * np.clip(section.level, 0, 2))
        size = np.maximum(endocardium.mean(axis=1), 1.0)[:, None]
        dx, dy = x / size - self.void_place[0], y / size - self.void_place[1]
        return (depth[:, None] * np.exp(-4.0 * (dx**2 + dy**2))).astype(np.float32)

    def _paint_papillaries(
        self, signal: Array, phase: int, section: Section, x: Array, y: Array, endocardium: Array, pixel: float
    ) -> None:
        """The muscles stand free in the cavity and grow into the wall towards the apex."""
        p = self.motion.parameters
        shrink = np.sqrt(p.lv_length / self.motion.length[phase])
        rows = np.arange(len(x))
        reach = np.clip((section.level - 0.22) / 0.12, 0.0, 1.0) * np.clip((1.0 - section.level) / 0.15, 0.0, 1.0)
        for head in self.papillaries:
            angle = head.angle + section.twist
            cavity = endocardium[rows, _column(angle)]
            size = np.minimum(p.papillary * head.size * shrink * reach, 0.8 * cavity)
            place = np.minimum(cavity * head.place * (0.68 + 0.14 * np.clip(section.level, 0, 1)), cavity)
            self._paint_spot(signal, x, y, angle, place, size, 1.35, pixel)

    def _paint_bands(self, signal: Array, section: Section, x: Array, y: Array, pixel: float) -> None:
        """Trabecular bands and papillary muscles of the RV, between the septum and the free wall."""
        p = self.motion.parameters
        rows = np.arange(len(x))
        for muscle in self.bands:
            angle = np.pi + muscle.angle * p.rv_sector + 0.3 * (section.rv_level - 0.5)
            inner, outer = section.epicardium[rows, _column(angle)], section.rv[rows, _column(angle)]
            reach = np.clip((section.rv_level - 0.15) / 0.2, 0.0, 1.0) * (outer - inner > 6.0)
            place = inner + muscle.place * (outer - inner)
            self._paint_spot(signal, x, y, angle, place, p.papillary * muscle.size * reach, 0.75, pixel)

    def _paint_spot(
        self,
        signal: Array,
        x: Array,
        y: Array,
        angle: NDArray[np.floating],
        place: NDArray[np.floating],
        size: NDArray[np.floating],
        stretch: float,
        pixel: float,
    ) -> None:
        """One round muscle in each plane (planes,): its angle, its distance from the axis and its radius in mm."""
        if size.max() < 0.5:
            return
        column = [v.astype(np.float32)[:, None] for v in (np.cos(angle), np.sin(angle), place, size)]
        cos, sin, far, radius = column
        reach = 1.5 * float(size.max()) + 2.0 * pixel
        middle = len(x) // 2
        dx, dy = x[middle] - (far * cos)[middle], y[middle] - (far * sin)[middle]
        near = np.flatnonzero((np.abs(dx) < reach) & (np.abs(dy) < reach))
        nx, ny = x[:, near], y[:, near]
        along = (nx * cos + ny * sin - far) / np.float32(stretch)
        distance = np.hypot(along, ny * cos - nx * sin) - radius
        patch = signal[:, near]
        paint(patch, 0.9 * ramp(distance, 1.3 * pixel) * (radius > 0.5), self.scan.myocardium)
        signal[:, near] = patch

    def _paint_chambers(
        self,
        signal: Array,
        phase: int,
        section: Section,
        x: Array,
        y: Array,
        blood: Array,
        pixel: float,
        left: bool,
    ) -> None:
        here = ((section.level if left else section.rv_level) < 0)[:, None]
        filled = self.motion.lv[phase]
        for chamber in self.chambers:
            if chamber.left is not left:
                continue
            grow = 1.0 + chamber.swelling * filled
            width, height = chamber.width * grow, chamber.height * grow
            u, v = (x - chamber.x) / width, (y - chamber.y) / height
            # A bent ellipse: no atrium is a perfect one.
            distance = (np.hypot(u + chamber.bend * (v * v - 0.5), v - chamber.bend * u * v) - 1.0) * min(width, height)
            paint(signal, (ramp(distance - 2.0, pixel) * here).astype(np.float32), 0.9 * self.scan.myocardium)
            level = 0.95 if left else self.scan.rv_blood
            paint(signal, (ramp(distance, pixel) * here).astype(np.float32), level * blood)


def _column(angle: NDArray[np.floating]) -> NDArray[np.intp]:
    """Place of angles in the table of angles."""
    return np.floor((angle + np.pi) * (ANGLES / (2 * np.pi))).astype(np.intp) % ANGLES


def _filled(radius: NDArray[np.float64]) -> NDArray[np.float64]:
    """The outline (planes, ANGLES) with its grooves filled, as fat fills them."""
    spectrum = np.fft.rfft(radius, axis=1)
    order = np.arange(spectrum.shape[1])
    smooth = np.fft.irfft(spectrum * np.exp(-((order / 5.0) ** 2)), ANGLES, axis=1)
    return np.maximum(radius, smooth)
