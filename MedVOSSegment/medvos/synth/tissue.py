"""Paint the heart, with the contrast of bSSFP, over the body, one stack of planes at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.synth.acquisition import Acquisition
from medvos.synth.chambers import paint_chambers, random_chambers
from medvos.synth.motion import ANGLE, ANGLES, Motion, Section
from medvos.synth.muscles import Muscles
from medvos.synth.noise import paint, ramp, smooth_noise
from medvos.synth.polar import polar

Array = NDArray[np.float32]

FAT_LEVELS = 64


class Tissue:
    """The parts of one heart and their signal."""

    def __init__(self, motion: Motion, scan: Acquisition, rng: np.random.Generator) -> None:
        self.motion, self.scan = motion, scan
        self.muscles = Muscles(motion, rng)
        # The atria dilate less than the ventricle.
        chambers = random_chambers(rng, 17.0 + 0.48 * (motion.anatomy.radius + motion.parameters.wall))
        self.left = tuple(c for c in chambers if c.left)
        self.right = tuple(c for c in chambers if not c.left)
        # The grooves and the free wall of the RV carry most of the fat, the lateral wall hardly any.
        texture = (FAT_LEVELS, ANGLES)
        patchy = np.exp(0.8 * smooth_noise(rng, texture, (25.0, 130.0))) * (0.7 - 0.6 * np.cos(ANGLE))
        self.fat = np.clip(motion.parameters.fat * patchy - 0.6, 0.0, 16.0)
        self.fat_signal = (-0.9 * scan.fat * (1.0 + 0.15 * smooth_noise(rng, texture, (8.0, 40.0)))).ravel()
        self.void_place = rng.uniform(-0.4, 0.4, 2)

    def paint(self, signal: Array, phase: int, section: Section, x: Array, y: Array, flow: Array, pixel: float) -> None:
        """Paint the heart over ``signal`` (planes, N), in place.

        Parameters
        ----------
        x, y: (planes, N) pixels about the LV's axis, mm. flow: (N,) unit noise, the inhomogeneity of the blood.
        """
        scan, ejected = self.scan, float(self.motion.lv[phase])
        radius, angle = polar(x, y)
        index = angle + (np.arange(len(x), dtype=np.int32) * ANGLES)[:, None]

        def cover(outline: NDArray[Any]) -> Array:
            edge = outline.astype(np.float32).ravel()[index]
            # A missing outline must not leave a dot on the axis.
            return ramp(radius - edge, pixel) * (edge > 0)

        blood = 1.0 + scan.blood_texture * flow
        muscle = scan.myocardium * (1.0 + scan.blood_texture * flow)
        above, rv_above = section.level < 0, section.rv_level < 0
        rv_wall = self._rv_wall(section)
        level = (np.clip(section.level, 0, 1) * (FAT_LEVELS - 1)).astype(np.int32)
        paint(signal, cover(self._fat(phase, section, rv_wall)), self.fat_signal[angle + (level * ANGLES)[:, None]])
        if rv_above.any():
            rv_blood = scan.rv_blood * blood
            paint_chambers(signal, self.right, x, y, rv_above, ejected, scan.myocardium, rv_blood, pixel)
        if section.rv.any():
            paint(signal, cover(rv_wall), muscle)
            paint(signal, cover(section.rv), scan.rv_blood * blood)
            self.muscles.paint_rv(signal, section, x, y, radius, angle, scan.myocardium, pixel)
        # Above the mitral plane fat fills the space between the atrium and the aorta.
        paint(signal, cover(section.epicardium), np.where(above[:, None], np.float32(-0.8 * scan.fat), muscle))
        if above.any():
            paint_chambers(signal, self.left, x, y, above, ejected, scan.myocardium, 0.95 * blood, pixel)
        if section.endocardium.any():
            lost = self._void(phase, section, x, y)
            cavity = cover(section.endocardium)
            paint(signal, cavity, blood * (1.0 - lost))
            self.muscles.paint_lv(signal, phase, section, x, y, radius, angle, scan.myocardium, pixel)

    def _rv_wall(self, section: Section) -> NDArray[Any]:
        """(planes, ANGLES) outer radius of the thin wall of the RV, 0 where there is none."""
        steep = np.gradient(section.rv, ANGLE[1] - ANGLE[0], axis=1) / np.maximum(section.rv, 1.0)
        wall = self.motion.parameters.rv_wall * np.clip(np.hypot(1.0, steep), 1.0, 2.5)
        return np.where(section.rv > section.epicardium, section.rv + wall, 0.0)

    def _fat(self, phase: int, section: Section, rv_wall: NDArray[Any]) -> NDArray[Any]:
        """(planes, ANGLES) outer radius of the epicardial fat, which extends a little beyond the apex and the base."""
        p, length, tip = self.motion.parameters, self.motion.length[phase], self.motion.anatomy.tip
        above = np.clip(-np.minimum(section.level * length, section.rv_level * p.lv_length), 0.0, None)
        hull = section.hull * (1.0 - 0.008 * above).clip(0.6, 1.0)[:, None]
        hull = _filled(np.max([section.epicardium, rv_wall, hull], axis=0))
        beyond = np.clip(section.level - tip, 0.0, None) * length
        fat = self.fat[(np.clip(section.level / tip, 0, 1) * (FAT_LEVELS - 1)).astype(int)]
        return np.sqrt(np.clip((hull + fat) ** 2 - (2.0 * beyond[:, None]) ** 2, 0.0, None))

    def _void(self, phase: int, section: Section, x: Array, y: Array) -> Array:
        """Signal lost in the jets through the valves, strongest at the base while the volume changes."""
        emptied = self.motion.lv
        speed = abs(emptied[(phase + 1) % len(emptied)] - emptied[phase - 1]) * len(emptied) / 10
        depth = self.scan.flow_void * min(speed, 1.0) * np.exp(-3.0 * np.clip(section.level, 0, 2))
        size = np.maximum(section.endocardium.mean(axis=1), 1.0).astype(np.float32)[:, None]
        dx, dy = x / size - np.float32(self.void_place[0]), y / size - np.float32(self.void_place[1])
        return depth.astype(np.float32)[:, None] * np.exp(-4.0 * (dx * dx + dy * dy))


def _filled(radius: NDArray[Any]) -> NDArray[Any]:
    """The outline (planes, ANGLES) with its grooves filled, as fat fills them."""
    spectrum = np.fft.rfft(radius, axis=1)
    order = np.arange(spectrum.shape[1])
    smooth = np.fft.irfft(spectrum * np.exp(-((order / 5.0) ** 2)), ANGLES, axis=1)
    return np.maximum(radius, smooth)
