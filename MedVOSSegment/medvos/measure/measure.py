"""From a label map to the measures of the heart's function."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.labels import label_numbers
from medvos.errors import InputError
from medvos.measure.intervals import with_intervals
from medvos.measure.measures import Measure, Measures
from medvos.measure.phases import find_ed_and_es
from medvos.measure.volumes import volume_curves
from medvos.propagation.result import Result

MYOCARDIAL_DENSITY = 1.05  # g/mL
NO_INTERVAL = "no interval: labels alone do not say how sure they are"
ONE_SLICE = "a single slice has an area, not a volume"


def measure(result_or_labels: Result | NDArray[np.integer], cine: Cine | None = None) -> Measures:
    """Volumes, function and mass of both ventricles.

    ED and ES are the largest and the smallest volume of the LV, and of the RV where no LV is labelled; the RV is
    measured at the phases of the LV.

    Parameters
    ----------
    result_or_labels: what `propagate` gave back, or a (T, Z, Y, X) label map (1 RV, 2 Myo, 3 LV).
    cine: geometry and time of a bare label map.

    Raises
    ------
    InputError: the label map is not on the grid of the cine, or holds other values than 0 to 255.
    TypeError: a bare label map without a cine.
    """
    if isinstance(result_or_labels, Result):
        labels, cine = result_or_labels.labels, result_or_labels.cine
    elif cine is None:
        raise TypeError("measure(labels, cine): a bare label map needs the cine for its geometry")
    else:
        labels = label_numbers(np.asarray(result_or_labels), "The label map")
    if labels.shape != cine.shape:
        raise InputError(
            f"The labels have the shape {labels.shape} but the cine {cine.shape} (phases, slices, rows, columns); "
            "give the labels of this cine."
        )

    curves = volume_curves(labels, cine.affine)
    guide = curves.get("LV", curves.get("RV", np.zeros(len(cine.times))))
    ed, es = find_ed_and_es(guide)
    if cine.shape[1] == 1:
        curves, missing = {}, ONE_SLICE
    else:
        missing = None

    left = _ventricle("LV", curves, ed, es, missing)
    right = _ventricle("RV", curves, ed, es, missing)
    by_name = {
        **left,
        "LVM": _mass(curves, ed, missing),
        **right,
        "CO": _cardiac_output(left["LVSV"], cine.source.heart_rate),
        "MVO": Measure(None, "mL", reason="microvascular obstruction was not segmented"),
    }
    measures = Measures(by_name, cine.times, curves, ed, es)
    return with_intervals(measures, result_or_labels) if isinstance(result_or_labels, Result) else measures


def _ventricle(
    name: str, curves: dict[str, NDArray[np.float64]], ed: int | None, es: int | None, missing: str | None
) -> dict[str, Measure]:
    """EDV, ESV, SV and EF of one ventricle."""
    edv, no_edv = _volume_at(name, curves, ed, "ED", missing)
    esv, no_esv = _volume_at(name, curves, es, "ES", missing)
    sv = None if edv is None or esv is None else edv - esv
    ef = None if sv is None or edv is None else 100 * sv / edv
    return {
        f"{name}EDV": _measure(edv, "mL", no_edv),
        f"{name}ESV": _measure(esv, "mL", no_esv),
        f"{name}SV": _measure(sv, "mL", no_edv or no_esv),
        f"{name}EF": _measure(ef, "%", no_edv or no_esv),
    }


def _mass(curves: dict[str, NDArray[np.float64]], ed: int | None, missing: str | None) -> Measure:
    """LV mass from the myocardial volume at ED."""
    volume, reason = _volume_at("Myo", curves, ed, "ED", missing)
    return _measure(None if volume is None else volume * MYOCARDIAL_DENSITY, "g", reason)


def _cardiac_output(stroke_volume: Measure, heart_rate: float | None) -> Measure:
    """LV stroke volume (mL) times heart rate (1/min), in L/min."""
    if stroke_volume.value is None:
        return _measure(None, "L/min", stroke_volume.reason)
    if heart_rate is None:
        return _measure(None, "L/min", "the cine does not state the heart rate")
    return _measure(stroke_volume.value * heart_rate / 1000, "L/min", None)


def _volume_at(
    name: str, curves: dict[str, NDArray[np.float64]], phase: int | None, phase_name: str, missing: str | None
) -> tuple[float | None, str | None]:
    """Volume in mL of a structure at a phase, or why there is none."""
    if missing is not None:
        return None, missing
    if name not in curves:
        return None, f"no voxel is labelled {name}"
    if phase is None:
        return None, f"{phase_name} cannot be told: fewer than two phases are labelled"
    volume = float(curves[name][phase])
    if not volume > 0:
        return None, f"no voxel is labelled {name} at {phase_name} (phase {phase})"
    return volume, None


def _measure(value: float | None, unit: str, reason: str | None) -> Measure:
    return Measure(value, unit, reason=reason if value is None else NO_INTERVAL)
