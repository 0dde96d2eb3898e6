"""Volumes, mass and output of both ventricles at ED and ES, from their volume curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.measure.measures import Measure
from medvos.measure.rates import LEAST_PHASES, peak_rates
from medvos.measure.subject import Subject

MYOCARDIAL_DENSITY = 1.05  # g/mL
NO_INTERVAL = "no interval: labels alone do not say how sure they are"
NO_MVO = "microvascular obstruction was not segmented"
NO_HEART_RATE = "the heart rate is not known, and the cine does not state it"
ONE_SLICE = "a single slice has an area, not a volume"
INDEXED = ("LVEDV", "LVESV", "LVSV", "LVM", "RVEDV", "RVESV", "RVSV")

Curves = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Volumes:
    """Volumes over the beat, and in how many slices they were drawn.

    Attributes
    ----------
    curves: structure name to (T,) volume in mL.
    slices: structure name to (T,) number of slices that carry its label.
    skipped: (T,) number of slices without any label between labelled ones.
    stack: False where the cine has a single slice.
    """

    curves: Curves
    slices: Mapping[str, NDArray[np.int_]]
    skipped: NDArray[np.int_]
    stack: bool

    def at(self, name: str, phase: int | None, phase_name: str) -> tuple[float | None, str | None]:
        """Volume in mL of a structure at a phase, or why there is none."""
        if not self.stack:
            return None, ONE_SLICE
        if name not in self.curves:
            return None, f"no voxel is labelled {name}"
        if phase is None:
            lacking = "no ventricle is labelled" if phase_name == "ED" else "fewer than two phases are labelled"
            return None, f"{phase_name} cannot be told: {lacking}"
        volume = float(self.curves[name][phase])
        if not volume > 0:
            return None, f"no voxel is labelled {name} at {phase_name} (phase {phase})"
        # A small ventricle may end in one slice at ES, but none is that small at its largest.
        if self.slices[name].max() < 2:
            return None, f"{name} is labelled in one slice only, which has an area but no volume"
        # A heart has no hole right through it: such a slice was not drawn, and to count it as empty would be wrong.
        if self.skipped[phase]:
            return None, f"a slice between labelled ones carries no label at {phase_name} (phase {phase})"
        return volume, None


def function(volumes: Volumes, ed: int | None, es: int | None, heart_rate: float | None) -> dict[str, Measure]:
    """EDV, ESV, SV and EF of both ventricles, LV mass at ED, cardiac output, in the order in which to show them."""
    left = ventricle("LV", volumes.at("LV", ed, "ED"), volumes.at("LV", es, "ES"))
    right = ventricle("RV", volumes.at("RV", ed, "ED"), volumes.at("RV", es, "ES"))
    muscle, reason = volumes.at("Myo", ed, "ED")
    return {
        **left,
        "LVM": known(None if muscle is None else muscle * MYOCARDIAL_DENSITY, "g", reason),
        **right,
        "CO": cardiac_output(left["LVSV"], heart_rate),
        "MVO": Measure(None, "mL", reason=NO_MVO),
    }


def ventricle(
    name: str, edv: tuple[float | None, str | None], esv: tuple[float | None, str | None]
) -> dict[str, Measure]:
    """EDV, ESV, SV and EF of one ventricle, from its two volumes in mL or why there are none."""
    (diastolic, no_edv), (systolic, no_esv) = edv, esv
    stroke = None if diastolic is None or systolic is None else diastolic - systolic
    fraction = None if stroke is None or diastolic is None else 100 * stroke / diastolic
    return {
        f"{name}EDV": known(diastolic, "mL", no_edv),
        f"{name}ESV": known(systolic, "mL", no_esv),
        f"{name}SV": known(stroke, "mL", no_edv or no_esv),
        f"{name}EF": known(fraction, "%", no_edv or no_esv),
    }


def cardiac_output(stroke_volume: Measure, heart_rate: float | None) -> Measure:
    """LV stroke volume (mL) times heart rate (1/min), in L/min."""
    if stroke_volume.value is None:
        return known(None, "L/min", stroke_volume.reason)
    if heart_rate is None:
        return known(None, "L/min", NO_HEART_RATE)
    return known(stroke_volume.value * heart_rate / 1000, "L/min", None)


def indexed(measures: Mapping[str, Measure], subject: Subject) -> dict[str, Measure]:
    """Volumes, mass and output per m² of body surface (Mosteller 1987)."""
    area = subject.body_surface_area
    found: dict[str, Measure] = {}
    for name in (*INDEXED, "CO"):
        one = measures[name]
        value = None if one.value is None or area is None else one.value / area
        reason = "height and weight are not known" if one.value is not None else one.reason
        found["CI" if name == "CO" else f"{name}I"] = known(value, f"{one.unit}/m²", reason)
    return found


def rates(volumes: Volumes, cine: Cine, heart_rate: float | None) -> dict[str, Measure]:
    """Peak ejection and filling rate of both ventricles in mL/s."""
    # Without a heart rate of its own the cine's period was assumed, and stands for a beat of any length.
    period = cine.period if cine.source.heart_rate is not None else None if heart_rate is None else 60_000 / heart_rate
    found: dict[str, Measure] = {}
    for name in ("LV", "RV"):
        _, reason = volumes.at(name, 0, "the first phase")
        values: tuple[float | None, float | None] = (None, None)
        if reason is None and period is None:
            reason = NO_HEART_RATE
        elif reason is None and period is not None:
            values = peak_rates(cine.times * (period / cine.period), volumes.curves[name], period)
            reason = f"a smooth curve needs at least {LEAST_PHASES} labelled phases, spread over the whole beat"
        found |= {f"{name}{rate}": known(v, "mL/s", reason) for rate, v in zip(("PER", "PFR"), values, strict=True)}
    return found


def known(value: float | None, unit: str, reason: str | None) -> Measure:
    """A measure with its value, or else the reason why it has none."""
    return Measure(value, unit, reason=reason if value is None else NO_INTERVAL)
