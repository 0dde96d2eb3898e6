"""The parameters of a synthetic heart: sizes, function and disease, drawn from ranges reported for cine MRI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from medvos.errors import InputError

Kind = Literal["healthy", "dilated", "hypertrophic", "dilated-rv", "infarcted"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Ranges:
    """Uniform ranges from which a kind of heart is drawn; units as in :class:`HeartParameters`."""

    lv_edv: tuple[float, float]
    lv_ef: tuple[float, float]
    wall: tuple[float, float]
    mapse: tuple[float, float]
    rv_ef: tuple[float, float]
    rv_load: tuple[float, float] = (0.7, 0.95)
    septal_bulge: tuple[float, float] = (-0.05, 0.15)
    infarct: tuple[float, float] = (0.0, 0.0)
    sphericity: tuple[float, float] = (0.94, 1.08)


RANGES: dict[Kind, Ranges] = {
    "healthy": Ranges((95, 185), (54, 73), (6.5, 9.5), (8, 14), (50, 66)),
    "dilated": Ranges((200, 330), (12, 40), (6.5, 9.5), (3, 7), (32, 58), sphericity=(0.82, 0.95)),
    "hypertrophic": Ranges((80, 165), (60, 82), (9.5, 14), (5, 10), (56, 75), (0.65, 0.9), septal_bulge=(0.05, 0.75)),
    "dilated-rv": Ranges((75, 150), (45, 68), (6.0, 9.0), (6, 12), (26, 48), (0.95, 1.4)),
    "infarcted": Ranges((130, 250), (22, 50), (6.5, 9.5), (4, 9), (42, 64), infarct=(0.6, 1.0)),
}


@dataclass(frozen=True)
class Wave:
    """One harmonic of an outline: ``amplitude * cos(order * angle - phase - drift * level)``, a part of the radius."""

    order: int
    amplitude: float
    phase: float
    drift: float = 0.0


def _waves(rng: np.random.Generator, amplitudes: dict[int, float]) -> tuple[Wave, ...]:
    return tuple(
        Wave(order, amplitude * rng.uniform(0.2, 1.0), rng.uniform(-np.pi, np.pi), rng.uniform(-1.5, 1.5))
        for order, amplitude in amplitudes.items()
    )


@dataclass(frozen=True)
class HeartParameters:
    """One heart. Lengths in mm, volumes in mL, EF in %, angles in rad; the septum lies at angle pi.

    Attributes
    ----------
    lv_edv, lv_ef: volume of the LV cavity at end diastole, and its ejection fraction.
    lv_length: LV cavity from the valve plane to its apex at end diastole.
    wall, apex_wall: wall thickness at end diastole in the basal half, and at the tip of the apex.
    septal_bulge: extra thickness of the septum, as a part of ``wall``.
    profile: exponent of the LV's long-axis outline; 2 is an ellipsoid, more is blunter.
    outline, wall_outline, rv_outline: departures of the LV, of its wall and of the RV from their smooth shapes.
    mapse, tapse: how far the mitral and the tricuspid plane descend.
    twist: rotation of the apex against the base at end systole.
    apical_contraction: how much more the apex closes than the base.
    infarct, infarct_angle, infarct_level: severity (0 none, 1 no motion) and place (angle, part of the length).
    rv_edv, rv_ef, rv_wall: as for the LV.
    rv_base: RV base plane, below (+) or above (-) the LV base plane at end diastole.
    rv_apex: where the RV ends, as a part of ``lv_length``.
    rv_sector, rv_skew, rv_edge: half of the angle that the RV covers, its turn, and the bluntness of its horns.
    lean: in-plane drift of the long axis per mm along it (x, y). bulk: in-plane shift at end systole (x, y).
    heart_rate: beats per minute. systole: part of the beat. diastasis: part of the stroke volume not yet refilled
    in mid-diastole. phase_offset: where in the beat the first phase lies, 0 end diastole.
    trabeculation: depth of the trabeculae. papillary: radius of the papillary muscles. fat: epicardial fat.
    """

    kind: Kind = "healthy"
    lv_edv: float = 140.0
    lv_ef: float = 62.0
    lv_length: float = 84.0
    wall: float = 8.0
    apex_wall: float = 6.0
    septal_bulge: float = 0.05
    profile: float = 2.2
    outline: tuple[Wave, ...] = (Wave(2, 0.02, 0.5),)
    wall_outline: tuple[Wave, ...] = ()
    rv_outline: tuple[Wave, ...] = ()
    mapse: float = 11.0
    tapse: float = 17.0
    twist: float = 0.2
    apical_contraction: float = 0.35
    infarct: float = 0.0
    infarct_angle: float = -2.2
    infarct_level: float = 0.6
    rv_edv: float = 145.0
    rv_ef: float = 57.0
    rv_wall: float = 2.5
    rv_base: float = 0.0
    rv_apex: float = 0.9
    rv_sector: float = 1.5
    rv_skew: float = 0.0
    rv_edge: float = 1.0
    lean: tuple[float, float] = (0.05, 0.05)
    bulk: tuple[float, float] = (-2.0, 1.0)
    heart_rate: float = 68.0
    systole: float = 0.36
    diastasis: float = 0.25
    phase_offset: float = 0.0
    trabeculation: float = 3.0
    papillary: float = 4.0
    fat: float = 4.0

    @classmethod
    def random(cls, rng: np.random.Generator, kind: Kind | None = None) -> HeartParameters:
        """Draw a heart of the given kind, or of any kind; InputError where it is not one of ``KINDS``."""
        if kind is None:
            kind = KINDS[rng.integers(len(KINDS))]
        if kind not in RANGES:
            raise InputError(f"There is no synthetic heart of kind '{kind}': choose one of {', '.join(KINDS)}.")
        ranges = RANGES[kind]
        lv_edv, lv_ef, rv_ef = (rng.uniform(*r) for r in (ranges.lv_edv, ranges.lv_ef, ranges.rv_ef))
        wall, mapse = rng.uniform(*ranges.wall), rng.uniform(*ranges.mapse)
        # Both ventricles pump nearly the same volume, so the RV's size follows from its EF; short-axis contours hold
        # less than all of it, as the outflow tract lies above the valve plane.
        rv_edv = lv_edv * lv_ef / rv_ef * rng.uniform(*ranges.rv_load)
        rate = rng.uniform(52, 95)
        # An overloaded RV flattens the septum, so that the LV becomes D-shaped.
        flat_septum = Wave(2, rng.uniform(0.02, 0.09) if kind == "dilated-rv" else 0.0, np.pi)
        return cls(
            kind=kind,
            lv_edv=lv_edv,
            lv_ef=lv_ef,
            lv_length=86.0 * (lv_edv / 140.0) ** (1 / 3) * rng.uniform(*ranges.sphericity),
            wall=wall,
            apex_wall=wall * rng.uniform(0.6, 0.95),
            septal_bulge=rng.uniform(*ranges.septal_bulge),
            profile=rng.uniform(1.9, 2.6),
            outline=(*_waves(rng, {2: 0.05, 3: 0.025, 4: 0.015, 5: 0.01}), flat_septum),
            wall_outline=_waves(rng, {1: 0.08, 2: 0.08, 3: 0.06, 5: 0.04}),
            rv_outline=_waves(rng, {2: 0.08, 3: 0.1, 5: 0.05, 7: 0.03}),
            mapse=mapse,
            tapse=mapse * rng.uniform(1.25, 1.8) if kind != "dilated-rv" else rng.uniform(8, 16),
            twist=rng.uniform(0.08, 0.3) * (lv_ef / 60.0),
            apical_contraction=rng.uniform(0.15, 0.55),
            infarct=rng.uniform(*ranges.infarct),
            infarct_angle=rng.uniform(-np.pi, np.pi),
            infarct_level=rng.uniform(0.3, 0.8),
            rv_edv=float(np.clip(rv_edv, 60.0, 300.0)),
            rv_ef=rv_ef,
            rv_wall=rng.uniform(1.8, 3.5) * (1.4 if kind == "dilated-rv" else 1.0),
            rv_base=rng.uniform(-6.0, 5.0),
            rv_apex=rng.uniform(0.78, 1.0),
            rv_sector=rng.uniform(1.35, 1.75),
            rv_skew=rng.uniform(-0.2, 0.25),
            rv_edge=rng.uniform(0.75, 1.35),
            lean=(rng.uniform(-0.12, 0.18), rng.uniform(-0.12, 0.18)),
            bulk=(rng.uniform(-4.0, 2.0), rng.uniform(-2.5, 3.5)),
            heart_rate=rate,
            systole=float(np.clip(0.36 + 0.0022 * (rate - 68) + rng.normal(0, 0.02), 0.28, 0.48)),
            diastasis=rng.uniform(0.12, 0.4),
            trabeculation=rng.uniform(1.5, 6.0),
            papillary=rng.uniform(3.0, 5.2) * (1.2 if kind == "hypertrophic" else 1.0),
            fat=rng.uniform(1.0, 6.0),
        )
