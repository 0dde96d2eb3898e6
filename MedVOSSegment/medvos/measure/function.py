"""Volumes, mass and output of both ventricles at ED and ES, from their volume curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.measure.catalogue import BY_NAME, PER_AREA
from medvos.measure.measures import Measure
from medvos.measure.rates import LEAST_PHASES, peak_rates
from medvos.measure.subject import Subject
from medvos.structures import LV, MYO, RV, name_of

MYOCARDIAL_DENSITY = 1.05  # g/mL
NO_INTERVAL = "no interval: a segmentation without uncertainty was measured"
NO_MVO = "microvascular obstruction was not segmented"
NO_HEART_RATE = "the heart rate is not known; the cine does not state it"
ONE_SLICE = "a single slice has an area, not a volume"

Curves = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Volumes:
    """Volumes over the beat, and the number of labelled slices.

    Attributes
    ----------
    curves: structure name to (T,) volume in mL.
    slices: structure name to (T,) number of slices that carry its label.
    skipped: (T,) number of slices without any label of the heart between slices that have one.
    stack: False where the cine has a single slice.
    """

    curves: Curves
    slices: Mapping[str, NDArray[np.int_]]
    skipped: NDArray[np.int_]
    stack: bool

    def at(self, name: str, phase: int | None, phase_name: str) -> tuple[float | None, str | None]:
        """Return the volume in mL of a structure at a phase, or the reason why it is not known."""
        if not self.stack:
            return None, ONE_SLICE
        if name not in self.curves:
            return None, f"no voxel is labelled {name}"
        if phase is None:
            lacking = "no ventricle is labelled" if phase_name == "ED" else "fewer than two phases are labelled"
            return None, f"{phase_name} is not known: {lacking}"
        volume = float(self.curves[name][phase])
        if not volume > 0:
            return None, f"no voxel is labelled {name} at {phase_name} (phase {phase + 1}, counted from 1)"
        # A small ventricle may end in one slice at ES, but none is that small at its largest.
        if self.slices[name].max() < 2:
            return None, f"{name} is labelled in one slice only, which has an area but no volume"
        # A slice without labels between labelled ones was not segmented; counting it as empty would be wrong.
        if self.skipped[phase]:
            return (
                None,
                f"a slice between labelled ones carries no label at {phase_name} (phase {phase + 1}, counted from 1)",
            )
        return volume, None


def function(volumes: Volumes, ed: int | None, es: int | None, heart_rate: float | None) -> dict[str, Measure]:
    """Compute EDV, ESV, SV and EF of both ventricles, LV mass at ED and cardiac output (``heart_rate`` in 1/min)."""
    left = ventricle("LV", volumes.at("LV", ed, "ED"), volumes.at("LV", es, "ES"))
    right = ventricle("RV", volumes.at("RV", ed, "ED"), volumes.at("RV", es, "ES"))
    muscle, reason = volumes.at("Myo", ed, "ED")
    mass = known("LVM", None if muscle is None else muscle * MYOCARDIAL_DENSITY, reason)
    return {
        **left,
        "LVM": mass,
        "LVMVR": mass_to_volume(mass, left["LVEDV"]),
        **right,
        "CO": cardiac_output(left["LVSV"], heart_rate),
        "MVO": known("MVO", None, NO_MVO),
    }


def from_volumes(volumes: Mapping[int, NDArray[np.float64]], phases: int) -> dict[str, NDArray[np.float64]]:
    """Compute samples of the measures from samples of the volumes at ED, and at ES where there are two ``phases``.

    Parameters
    ----------
    volumes: label number to (N, phases) in mL.

    Returns
    -------
    Measure name to (N,) samples, each up to a constant factor: EF in %, the ratio without a unit, all others in mL.
    """
    found: dict[str, NDArray[np.float64]] = {}
    if not phases:
        return found
    if MYO in volumes:
        found["LVM"] = volumes[MYO][:, 0]
    for label in (LV, RV):
        if label in volumes:
            name = name_of(label)
            found[f"{name}EDV"] = ed = volumes[label][:, 0]
            if phases == 2:
                found[f"{name}ESV"] = es = volumes[label][:, 1]
                found[f"{name}SV"] = ed - es
                found[f"{name}EF"] = 100 * np.divide(ed - es, ed, where=ed > 0, out=np.zeros_like(ed))
    if "LVSV" in found:
        found["CO"] = found["LVSV"]
    if "LVM" in found and "LVEDV" in found:
        # The wall and the cavity share a border: where it errs, the one gains what the other loses.
        mass, volume = np.sort(found["LVM"]), np.sort(found["LVEDV"])[::-1]
        found["LVMVR"] = np.divide(mass, volume, where=volume > 0, out=np.zeros_like(mass))
    return found


def ventricle(
    name: str, edv: tuple[float | None, str | None], esv: tuple[float | None, str | None]
) -> dict[str, Measure]:
    """Compute EDV, ESV, SV and EF of one ventricle from its two volumes in mL, each with the reason if it is None.

    >>> ventricle("LV", (150.0, None), (60.0, None))["LVEF"].value
    60.0
    """
    (diastolic, no_edv), (systolic, no_esv) = edv, esv
    stroke = None if diastolic is None or systolic is None else diastolic - systolic
    fraction = None if stroke is None or diastolic is None else 100 * stroke / diastolic
    values = {
        f"{name}EDV": (diastolic, no_edv),
        f"{name}ESV": (systolic, no_esv),
        f"{name}SV": (stroke, no_edv or no_esv),
        f"{name}EF": (fraction, no_edv or no_esv),
    }
    return {measure: known(measure, value, reason) for measure, (value, reason) in values.items()}


def mass_to_volume(mass: Measure, volume: Measure) -> Measure:
    """Divide the LV mass (g) by the volume at ED (mL).

    >>> mass_to_volume(known("LVM", 90.0, None), known("LVEDV", 120.0, None)).value
    0.75
    """
    if mass.value is None or volume.value is None:
        return known("LVMVR", None, mass.reason if mass.value is None else volume.reason)
    return known("LVMVR", mass.value / volume.value, None)


def cardiac_output(stroke_volume: Measure, heart_rate: float | None) -> Measure:
    """Multiply the LV stroke volume (mL) by the heart rate (1/min); the result is in L/min.

    >>> cardiac_output(known("LVSV", 90.0, None), 60.0).value
    5.4
    """
    if stroke_volume.value is None:
        return known("CO", None, stroke_volume.reason)
    if heart_rate is None:
        return known("CO", None, NO_HEART_RATE)
    return known("CO", stroke_volume.value * heart_rate / 1000, None)


def indexed(measures: Mapping[str, Measure], subject: Subject) -> dict[str, Measure]:
    """Divide volumes, mass and output by the body surface area in m² (Mosteller 1987)."""
    area = subject.body_surface_area
    found: dict[str, Measure] = {}
    for name, of in PER_AREA.items():
        one = measures[of]
        value = None if one.value is None or area is None else one.value / area
        reason = "height and weight are not known" if one.value is not None else one.reason
        found[name] = known(name, value, reason)
    return found


def rates(volumes: Volumes, whole: Curves, cine: Cine, heart_rate: float | None) -> dict[str, Measure]:
    """Compute the peak ejection and filling rates of both ventricles in mL/s (``heart_rate`` in 1/min).

    ``whole`` are the curves without the phases at which a part of a ventricle is missing.
    """
    # Without a stated heart rate the cine's period is an assumption, so that rates would have no meaning.
    period = cine.period if cine.source.heart_rate is not None else None if heart_rate is None else 60_000 / heart_rate
    found: dict[str, Measure] = {}
    for ventricle_name in ("LV", "RV"):
        _, reason = volumes.at(ventricle_name, 0, "the first phase")
        values: tuple[float | None, float | None] = (None, None)
        if reason is None and period is None:
            reason = NO_HEART_RATE
        elif reason is None and period is not None:
            values = peak_rates(cine.times * (period / cine.period), whole[ventricle_name], period)
            reason = f"a smooth curve needs at least {LEAST_PHASES} labelled phases, spread over the whole beat"
        for rate, value in zip(("PER", "PFR"), values, strict=True):
            found[f"{ventricle_name}{rate}"] = known(f"{ventricle_name}{rate}", value, reason)
    return found


def known(name: str, value: float | None, reason: str | None) -> Measure:
    """Return a measure of the catalogue with its value, or else with the reason why it has none."""
    return Measure(value, BY_NAME[name].unit, reason=reason if value is None else NO_INTERVAL)
