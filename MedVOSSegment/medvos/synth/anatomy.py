"""The heart at end diastole as continuous surfaces, in polar coordinates about the LV's long axis.

``angle`` is measured in the short-axis plane from the lateral wall over the inferior wall (+pi/2) to the septum (pi).
``level`` is the position along the LV: 0 valve plane, 1 tip of the cavity.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.synth.parameters import HeartParameters, Wave

Array = NDArray[np.floating[Any]]

WIDEST = 0.22  # level at which the LV is widest


def wrapped(angle: Array) -> Array:
    """Return the same angle in [-pi, pi)."""
    return np.mod(angle + np.pi, 2 * np.pi) - np.pi


def modulation(waves: tuple[Wave, ...], angle: Array, level: Array) -> Array:
    """Return the factor (levels, angles), about 1, by which the waves change a radius.

    Parameters
    ----------
    angle: (angles,). level: (levels, 1).
    """
    order, amplitude, phase, drift = (
        np.array([(w.order, w.amplitude, w.phase, w.drift) for w in waves]).reshape(-1, 4).T
    )
    turn = phase + drift * level
    along = np.concatenate([amplitude * np.cos(turn), amplitude * np.sin(turn)], axis=1)
    around = np.concatenate([np.cos(np.outer(order, angle)), np.sin(np.outer(order, angle))])
    return 1.0 + along @ around


class Anatomy:
    """End-diastolic radii (mm) of the LV cavity and epicardium, and the shape of the RV."""

    def __init__(self, parameters: HeartParameters) -> None:
        self.parameters = parameters
        self.tip = 1.0 + parameters.apex_wall / parameters.lv_length
        """Level at which the epicardium ends."""

    def _outline(self, level: Array, end: float) -> Array:
        """Radius of a truncated super-ellipsoid over levels, 1 where it is widest, 0 from ``end`` on."""
        below = np.clip((level - WIDEST) / (end - WIDEST), 0.0, 1.0)
        above = np.clip((WIDEST - level) / (1.0 - WIDEST), 0.0, 1.0)
        exponent = self.parameters.profile
        return (1.0 - below**exponent) ** (1.0 / exponent) * np.sqrt(1.0 - above**2)

    @cached_property
    def radius(self) -> float:
        """Radius of the LV cavity where it is widest, from its volume."""
        level = ((np.arange(400) + 0.5) / 400)[:, None]
        angle = np.linspace(-np.pi, np.pi, 180, endpoint=False)
        shape = np.pi * (self._outline(level, 1.0) * modulation(self.parameters.outline, angle, level)) ** 2
        return float(np.sqrt(1000.0 * self.parameters.lv_edv / (self.parameters.lv_length * shape.mean())))

    def endocardium(self, angle: Array, level: Array) -> Array:
        """Return the radius of the LV cavity; 0 beyond its tip."""
        return self.radius * modulation(self.parameters.outline, angle, level) * self._outline(level, 1.0)

    def epicardium(self, angle: Array, level: Array) -> Array:
        """Return the radius of the LV epicardium; 0 beyond the tip of the heart."""
        p = self.parameters
        bulge = p.septal_bulge * np.exp(-0.5 * (wrapped(angle - np.pi) / 0.75) ** 2)
        wall = p.wall * (modulation(p.wall_outline, angle, level) + bulge)
        return (self.radius * modulation(p.outline, angle, level) + wall) * self._outline(level, self.tip)

    def contraction_weight(self, angle: Array, level: Array) -> Array:
        """Return how strongly each part of the wall contracts: more at the apex, less where it is infarcted."""
        p = self.parameters
        distance = (wrapped(angle - p.infarct_angle) / 0.8) ** 2 + ((level - p.infarct_level) / 0.35) ** 2
        return (1.0 + p.apical_contraction * (level**2 - 0.3)) * (1.0 - p.infarct * np.exp(-0.5 * distance))

    def rv_thickness(self, angle: Array, level: Array) -> Array:
        """Return the distance from septum to RV free wall, up to a factor; level 0 RV base, 1 RV apex."""
        p = self.parameters
        inside = np.clip(level, 0.0, 1.0)
        sector = p.rv_sector * (1.0 - 0.42 * inside**1.5)
        across = wrapped(angle - np.pi - p.rv_skew * (1 - inside)) / sector
        crescent = np.clip(1.0 - np.abs(across) ** 2.2, 0.0, None) ** p.rv_edge
        crescent = crescent * modulation(p.rv_outline, angle, inside)
        return crescent * (1.0 - inside**1.5) ** 0.8 * (0.92 + 0.3 * inside * (1 - inside))
