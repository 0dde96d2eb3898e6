"""From the uncertainty of voxels to intervals of measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.measure.measures import Measure, Measures
from medvos.propagation.result import Result
from medvos.structures import LV, MYO, RV, name_of
from medvos.uncertainty.areas import STATED, area_tables
from medvos.uncertainty.borders import UNFITTED, border_of, sample_areas

LEVEL = 0.9
SAMPLES = 2000
SEED = 5
NO_MODEL = "no interval: it is not known how the uncertainty of the voxels carries over to it"

Tables = Mapping[int, NDArray[np.float32]]
Constants = Mapping[str, Any]


def with_intervals(measures: Measures, result: Result) -> Measures:
    """The measures with 90 % intervals and their volume curves with bands, see `carry_over` and `band`.

    Parameters
    ----------
    measures: of this result.
    """
    tables = area_tables(result.labels, result.uncertainty)
    constants, slice_mm = constants_of(result.provenance), result.cine.spacing[0]
    bands = {
        name_of(label): band(measures.volumes_ml[name_of(label)], label, areas, constants, slice_mm)
        for label, areas in tables.items()
        if name_of(label) in measures.volumes_ml
    }
    return replace(carry_over(measures, tables, constants, slice_mm), bands_ml=bands)


def constants_of(provenance: Mapping[str, Any]) -> Constants:
    """What a result's provenance says of the borders' errors; safe defaults where it says nothing."""
    found: Constants = provenance.get("intervals", UNFITTED)
    return found


def carry_over(measures: Measures, tables: Tables, constants: Constants, slice_mm: float) -> Measures:
    """The measures with 90 % intervals, by sampling what the truth may be.

    Of each structure `SAMPLES` pairs of volumes at ED and ES are drawn (`medvos.uncertainty.borders.sample_areas`) and
    every measure is computed from each; its interval is from the 5th to the 95th percentile, not below 0, and always
    holds the stated value. The same input gives the same intervals.

    Parameters
    ----------
    measures: without intervals.
    tables: label number to (T, Z, D) areas, see `medvos.uncertainty.areas`.
    constants: structure name to the numbers of `medvos.uncertainty.borders.Border`.
    slice_mm: distance between slices.
    """
    phases = [phase for phase in (measures.ed, measures.es) if phase is not None]
    drawn = function(
        {label: draw(label, areas[phases], constants, slice_mm) for label, areas in tables.items()}, len(phases)
    )
    stated = function({label: areas[phases][..., STATED].sum(1)[None] for label, areas in tables.items()}, len(phases))
    return replace(
        measures, by_name={name: _with_interval(name, measure, drawn, stated) for name, measure in measures.items()}
    )


def band(
    curve: NDArray[np.float64], label: int, areas: NDArray[np.float32], constants: Constants, slice_mm: float
) -> NDArray[np.float64]:
    """(2, T): lower and upper end of the 90 % interval of each phase's volume; nan where the curve is.

    Parameters
    ----------
    curve: (T,) in mL.
    label: of the structure.
    areas: (T, Z, D).
    """
    samples = [draw(label, phase[None], constants, slice_mm)[:, 0] for phase in areas]  # one after the other: memory
    low, high = _ends(np.stack(samples, axis=1)) * np.nansum(curve) / areas[..., STATED].sum()
    return np.stack([np.minimum(low.clip(0), curve), np.maximum(high, curve)])


def draw(label: int, areas: NDArray[np.float32], constants: Constants, slice_mm: float) -> NDArray[np.float64]:
    """(`SAMPLES`, T): volumes in voxels that a structure with these areas (T, Z, D) may have."""
    rng = np.random.default_rng([SEED, label])
    return sample_areas(areas, border_of(constants, name_of(label)), slice_mm, SAMPLES, rng)


def function(volumes: Mapping[int, NDArray[np.float64]], phases: int) -> dict[str, NDArray[np.float64]]:
    """The measures that follow from volumes at ED, and at ES where there are two ``phases``.

    Parameters
    ----------
    volumes: label number to (N, phases).

    Returns
    -------
    Name to (N,), EF in %, all others as the volumes come.
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
    return found


def _with_interval(
    name: str, measure: Measure, drawn: Mapping[str, NDArray[np.float64]], stated: Mapping[str, NDArray[np.float64]]
) -> Measure:
    """What a measure is beyond the samples, which are of voxels, is a factor: mL, g, L/min, per square metre."""
    if measure.value is None:
        return measure
    of = name if name in drawn else name.removesuffix("I")
    if of not in drawn or not stated[of][0]:
        return replace(measure, reason=NO_MODEL)
    low, high = sorted(_ends(drawn[of]) * measure.value / stated[of][0])
    interval = min(max(low, 0.0), measure.value), max(high, measure.value)
    return replace(measure, interval=(float(interval[0]), float(interval[1])), reason=None)


def _ends(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, ...): the ends of the 90 % interval of samples (N, ...)."""
    return np.quantile(samples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
