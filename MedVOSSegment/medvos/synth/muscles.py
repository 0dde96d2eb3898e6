"""Papillary muscles and trabeculae: dark in the image, blood in the labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.synth.motion import ANGLES, Motion, Section
from medvos.synth.noise import paint, ramp, smooth_noise
from medvos.synth.polar import angle_index

Array = NDArray[np.float32]

LAYERS, DEPTHS = 24, 48
DEPTH_STEP = 0.5  # mm


@dataclass(frozen=True)
class Muscle:
    """One head of a papillary muscle: angle, distance from the axis and size, relative to typical ones."""

    angle: float
    place: float
    size: float


class Muscles:
    """The muscles inside the cavities of one heart."""

    def __init__(self, motion: Motion, rng: np.random.Generator) -> None:
        self.motion = motion
        self.lv_mesh, self.rv_mesh = (
            smooth_noise(rng, (LAYERS, ANGLES, DEPTHS), (3.0, cell, 7.0)).ravel() for cell in (22.0, 15.0)
        )
        self.lv_heads = []
        # In front of and behind the lateral wall, each of two or three heads.
        for angle in (rng.uniform(0.55, 1.1), -rng.uniform(0.6, 1.2)):
            self.lv_heads.append(Muscle(angle, rng.uniform(0.95, 1.1), rng.uniform(0.8, 1.1)))
            for _ in range(rng.integers(1, 3)):
                near = angle + rng.uniform(-0.28, 0.28)
                self.lv_heads.append(Muscle(near, rng.uniform(0.85, 1.3), rng.uniform(0.4, 0.85)))
        self.rv_heads = [Muscle(a, rng.uniform(0.4, 0.9), rng.uniform(0.2, 0.6)) for a in rng.uniform(-0.7, 0.7, 4)]

    def paint_lv(
        self,
        signal: Array,
        phase: int,
        section: Section,
        x: Array,
        y: Array,
        radius: Array,
        angle: NDArray[Any],
        dark: float,
        pixel: float,
    ) -> None:
        """Paint those of the LV over ``signal`` (planes, N), in place."""
        p = self.motion.parameters
        depth = p.trabeculation * (1.0 + 0.4 * self.motion.lv[phase]) * np.clip(0.3 + 1.2 * section.level, 0.3, 1.3)
        self._mesh(signal, self.lv_mesh, section, section.endocardium, section.level, depth, radius, angle, dark)
        shrink = np.sqrt(p.lv_length / self.motion.length[phase])
        rows = np.arange(len(x))
        # The heads stand free in the cavity and grow into the wall towards the apex.
        reach = np.clip((section.level - 0.22) / 0.12, 0.0, 1.0) * np.clip((1.0 - section.level) / 0.15, 0.0, 1.0)
        for head in self.lv_heads:
            turned = head.angle + section.twist
            cavity = section.endocardium[rows, angle_index(turned)]
            size = np.minimum(p.papillary * head.size * shrink * reach, 0.8 * cavity)
            place = np.minimum(cavity * head.place * (0.68 + 0.14 * np.clip(section.level, 0, 1)), cavity)
            _paint_spot(signal, x, y, turned, place, size, 1.35, dark, pixel)

    def paint_rv(
        self,
        signal: Array,
        section: Section,
        x: Array,
        y: Array,
        radius: Array,
        angle: NDArray[Any],
        dark: float,
        pixel: float,
    ) -> None:
        """Paint those of the RV over ``signal`` (planes, N), in place."""
        p = self.motion.parameters
        depth = 1.5 * p.trabeculation * np.clip(0.3 + section.rv_level, 0.3, 1.3)
        self._mesh(signal, self.rv_mesh, section, section.rv, section.rv_level, depth, radius, angle, dark)
        rows = np.arange(len(x))
        for head in self.rv_heads:
            turned = np.pi + head.angle * p.rv_sector + 0.3 * (section.rv_level - 0.5)
            inner, outer = (table[rows, angle_index(turned)] for table in (section.epicardium, section.rv))
            reach = np.clip((section.rv_level - 0.15) / 0.2, 0.0, 1.0) * (outer - inner > 6.0)
            place = inner + head.place * (outer - inner)
            _paint_spot(signal, x, y, turned, place, p.papillary * head.size * reach, 0.75, dark, pixel)

    @staticmethod
    def _mesh(
        signal: Array,
        mesh: Array,
        section: Section,
        wall: NDArray[Any],
        level: NDArray[Any],
        depth: NDArray[Any],
        radius: Array,
        angle: NDArray[Any],
        dark: float,
    ) -> None:
        """Trabeculae: random patches that thin out over about ``depth`` mm from the wall."""
        near = np.flatnonzero((radius < wall.max(axis=1).astype(np.float32)[:, None]).any(axis=0))
        if not near.size:
            return
        rows = np.arange(len(radius))[:, None]
        column = angle[:, near]
        below = wall.astype(np.float32)[rows, column] - radius[:, near]
        layer = (np.clip(level, 0, 0.999) * LAYERS).astype(np.int32)[:, None] * ANGLES
        turned = (column - (section.twist * (ANGLES / (2 * np.pi))).astype(np.int32)[:, None]) % ANGLES
        step = np.clip(below * np.float32(1 / DEPTH_STEP), 0, DEPTHS - 1).astype(np.int32)
        patches = mesh[(layer + turned) * DEPTHS + step] - below / depth.astype(np.float32)[:, None]
        coverage = np.clip(0.3 + 0.9 * patches, 0.0, 0.9) * (below > 0)
        part = signal[:, near]
        paint(part, coverage.astype(np.float32, copy=False), dark)
        signal[:, near] = part


def _paint_spot(
    signal: Array,
    x: Array,
    y: Array,
    angle: NDArray[Any],
    place: NDArray[Any],
    size: NDArray[Any],
    stretch: float,
    dark: float,
    pixel: float,
) -> None:
    """One round muscle in each plane (planes,): its angle, its distance from the axis and its radius in mm."""
    if size.max() < 0.5:
        return
    cos, sin, far, radius = (v.astype(np.float32)[:, None] for v in (np.cos(angle), np.sin(angle), place, size))
    reach = 1.5 * float(size.max()) + 3.0 * pixel
    middle = len(x) // 2
    dx, dy = x[middle] - (far * cos)[middle], y[middle] - (far * sin)[middle]
    near = np.flatnonzero((np.abs(dx) < reach) & (np.abs(dy) < reach))
    nx, ny = x[:, near], y[:, near]
    along = (nx * cos + ny * sin - far) / np.float32(stretch)
    distance = np.hypot(along, ny * cos - nx * sin) - radius
    part = signal[:, near]
    paint(part, 0.9 * ramp(distance, 1.5 * pixel) * (radius > 0.5), dark)
    signal[:, near] = part
