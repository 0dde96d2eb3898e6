"""The heart at every phase: the surfaces of :mod:`anatomy` in motion, and their exact volumes.

Incompressible wall: the part of the myocardium behind each patch of endocardium keeps its volume while the cavity
closes and the long axis shortens, which gives the thickening of the wall without a further parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.synth.anatomy import Anatomy
from medvos.synth.ejected_fraction import ejected_fraction
from medvos.synth.parameters import HeartParameters

Array = NDArray[np.floating[Any]]

ANGLES = 1024
N_LEVELS = 96
ANGLE: Array = np.linspace(-np.pi, np.pi, ANGLES, endpoint=False)


@dataclass(frozen=True)
class Section:
    """Outlines of a stack of planes through the heart at one phase.

    Attributes
    ----------
    endocardium, epicardium, rv: (planes, ANGLES) radii in mm about the LV's axis; 0 where the plane misses the
    structure. The RV lies between ``epicardium`` and ``rv``.
    hull: (planes, ANGLES) outline of both ventricles, which continues unchanged above the valve planes.
    level, rv_level: (planes,) 0 at the valve plane, 1 at the end of the cavity.
    twist: (planes,) rotation of the wall in rad.
    """

    endocardium: Array
    epicardium: Array
    rv: Array
    hull: Array
    level: Array
    rv_level: Array
    twist: Array


class Motion:
    """One heart over the phases of one beat. Heights are mm from the end-diastolic valve plane towards the apex.

    Attributes
    ----------
    lv, rv: (T,) ejected part of the stroke volume.
    base, rv_base: (T,) height of the mitral and the tricuspid plane.
    volumes: name to (T,) volume in mL, integrated over the continuous surfaces.
    """

    def __init__(self, parameters: HeartParameters, beat: Array) -> None:
        p = self.parameters = parameters
        self.anatomy = Anatomy(parameters)
        self.lv = ejected_fraction(beat + p.phase_offset, p.systole, p.diastasis)
        self.rv = ejected_fraction(beat + p.phase_offset, p.systole + 0.02, p.diastasis)
        self.base = p.mapse * self.lv
        self.length = p.lv_length - self.base / self.anatomy.tip
        self.apex = self.anatomy.tip * p.lv_length
        self.rv_base = p.rv_base + p.tapse * self.rv
        self.rv_end = p.rv_apex * p.lv_length
        self._closing = self._solve_lv()
        self._rv_scale = self._solve_rv()
        self.volumes = self._volumes()

    def _solve_lv(self) -> Array:
        """(T,) contraction of the wall at which the cavity has its volume at each phase."""
        level = ((np.arange(N_LEVELS) + 0.5) / N_LEVELS)[:, None]
        area = 0.5 * self.anatomy.endocardium(ANGLE, level) ** 2
        weight = self.anatomy.contraction_weight(ANGLE, level)
        closing = np.linspace(0.0, 1.6, 65)
        mean_area = [2 * np.pi * (area * np.clip(1 - c * weight, 0, None)).mean() for c in closing]
        p = self.parameters
        wanted = 1000.0 * p.lv_edv * (1 - 0.01 * p.lv_ef * self.lv) / self.length
        return np.interp(-wanted, -np.array(mean_area), closing)

    def _left(self, phase: int, level: Array) -> tuple[Array, Array]:
        """LV radii (planes, ANGLES) of the cavity and the epicardium, before the twist."""
        column = np.clip(level, 0.0, None)[:, None]
        endo0 = self.anatomy.endocardium(ANGLE, column) ** 2
        epi0 = self.anatomy.epicardium(ANGLE, column) ** 2
        weight = self.anatomy.contraction_weight(ANGLE, column)
        endo = endo0 * np.clip(1.0 - self._closing[phase] * weight, 0.0, None)
        epi = endo + (epi0 - endo0) * (self.parameters.lv_length / self.length[phase])
        return np.sqrt(endo), np.sqrt(np.clip(epi, 0.0, None))

    def _turned(self, radii: Array, twist: Array) -> Array:
        """Radii (planes, ANGLES) turned by (planes,) angles."""
        place = np.arange(ANGLES) - twist[:, None] * (ANGLES / (2 * np.pi))
        low = np.floor(place).astype(int)
        part = place - low
        rows = np.arange(len(radii))[:, None]
        return radii[rows, low % ANGLES] * (1 - part) + radii[rows, (low + 1) % ANGLES] * part

    def _epicardium_at(self, phase: int, height: Array) -> Array:
        level = (height - self.base[phase]) / self.length[phase]
        return self._turned(self._left(phase, level)[1], self._twist(phase, level))

    def _twist(self, phase: int, level: Array) -> Array:
        return self.parameters.twist * self.lv[phase] * (np.clip(level, 0.0, 1.2) - 0.3)

    def _rv_heights(self, phase: int) -> tuple[Array, Array]:
        level = (np.arange(N_LEVELS) + 0.5) / N_LEVELS
        return level, self.rv_base[phase] + level * (self.rv_end - self.rv_base[phase])

    def _solve_rv(self) -> Array:
        """(T,) scale at which the RV has its volume at each phase: the root of a quadratic."""
        p = self.parameters
        wanted = 1000.0 * p.rv_edv * (1 - 0.01 * p.rv_ef * self.rv)
        scale = np.empty(len(self.rv))
        for phase in range(len(scale)):
            level, height = self._rv_heights(phase)
            thickness = self.anatomy.rv_thickness(ANGLE, level[:, None])
            depth = 2 * np.pi * (self.rv_end - self.rv_base[phase])
            linear = depth * (thickness * self._epicardium_at(phase, height)).mean()
            square = depth * (0.5 * thickness**2).mean()
            scale[phase] = (-linear + np.sqrt(linear**2 + 4 * square * wanted[phase])) / (2 * square)
        return scale

    def section(self, phase: int, height: Array) -> Section:
        """Return the outlines of the planes at the given heights (planes,) at a phase."""
        level = (height - self.base[phase]) / self.length[phase]
        twist = self._twist(phase, level)
        endo, epi = (self._turned(radii, twist) for radii in self._left(phase, level))
        rv_level = (height - self.rv_base[phase]) / (self.rv_end - self.rv_base[phase])
        thickness = self._rv_scale[phase] * self.anatomy.rv_thickness(ANGLE, rv_level[:, None])
        in_rv = ((rv_level >= 0) & (rv_level < 1))[:, None]
        in_lv = ((level >= 0) & (level < self.anatomy.tip))[:, None]
        rv = np.where(in_rv, epi + thickness, 0.0)
        # Above the valve plane the RV still touches the LV's outflow tract, which is not myocardium.
        outer = np.where(in_lv | in_rv, epi, 0.0)
        return Section(np.where(in_lv, endo, 0.0), outer, rv, epi + thickness, level, rv_level, twist)

    def _volumes(self) -> dict[str, NDArray[np.float64]]:
        phases = len(self.lv)
        volumes: dict[str, NDArray[np.float64]] = {name: np.empty(phases) for name in ("LV", "Myo", "RV")}
        level = (np.arange(2 * N_LEVELS) + 0.5) / (2 * N_LEVELS)
        for phase in range(phases):
            lv_depth = np.pi * self.length[phase] * self.anatomy.tip / 1000.0
            endo, epi = self._left(phase, level * self.anatomy.tip)
            volumes["LV"][phase] = lv_depth * (endo**2).mean()
            volumes["Myo"][phase] = lv_depth * (epi**2 - endo**2).mean()
            _, height = self._rv_heights(phase)
            section = self.section(phase, height)
            rv_depth = np.pi * (self.rv_end - self.rv_base[phase]) / 1000.0
            volumes["RV"][phase] = rv_depth * (section.rv**2 - section.epicardium**2).mean()
        return volumes
