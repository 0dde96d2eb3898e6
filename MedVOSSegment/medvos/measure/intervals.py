"""Propagate the uncertainty of voxels to intervals of measures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.measure.catalogue import PER_AREA, row_of
from medvos.measure.doubt import Doubt, with_doubts
from medvos.measure.ed_es import find_ed_and_es
from medvos.measure.function import from_volumes
from medvos.measure.measures import Measure, Measures
from medvos.measure.volumes import voxel_ml
from medvos.result import Result
from medvos.structures import LV, RV, name_of
from medvos.uncertainty.areas import STATED, area_tables
from medvos.uncertainty.borders import UNFITTED, border_of, sample_areas
from medvos.uncertainty.reader import with_reader

LEVEL = 0.9
SAMPLES = 2000
SEED = 5
# Key of the constants: measure name to the ends of its interval before the result was corrected, and the width that it
# may have now.
BEFORE = "before"
# Key of the constants: structure name to the largest width in mL that its band may have at each phase, null where free.
BANDS_BEFORE = "bands_before"
# Measures that are a multiple of another one by facts of the person, which change without a correction.
MULTIPLE_OF = {**PER_AREA, "CO": "LVSV", "CI": "LVSV"}
NO_MODEL = "no interval: voxel uncertainty is not propagated to this measure"

Tables = Mapping[int, NDArray[np.float32]]
Constants = Mapping[str, Any]


def with_intervals(measures: Measures, result: Result) -> Measures:
    """Add 90 % intervals to the measures and bands to their volume curves, see `carry_over` and `band`.

    Parameters
    ----------
    measures: of this result.
    """
    tables = area_tables(result.labels, result.uncertainty)
    constants = constants_of(result.provenance)
    measures = carry_over(measures, tables, constants, result.cine)
    tables = with_reader_errors(tables, constants, result.cine)
    bands = {
        name: no_wider_band(
            band(measures.volumes_ml[name], label, areas, constants, result.cine),
            measures.volumes_ml[name],
            constants.get(BANDS_BEFORE, {}).get(name),
        )
        for label, areas in tables.items()
        if (name := name_of(label)) in measures.volumes_ml
    }
    return replace(measures, bands_ml=bands)


def with_reader_errors(tables: Tables, constants: Constants, cine: Cine) -> dict[int, NDArray[np.float32]]:
    """Return the tables with a reader's error in slices that have no uncertainty of the model."""
    widenings = {label: border_of(constants, name_of(label)).widening for label in tables}
    return with_reader(tables, widenings, cine.spacing[1] * cine.spacing[2])


def constants_of(provenance: Mapping[str, Any]) -> Constants:
    """Return the constants of the border errors in a result's provenance; safe defaults if it has none."""
    found: Constants = provenance.get("intervals", UNFITTED)
    return found


def carry_over(measures: Measures, tables: Tables, constants: Constants, cine: Cine) -> Measures:
    """Add 90 % intervals to the measures by sampling possible true volumes.

    `SAMPLES` pairs of volumes at ED and ES are drawn for each structure (`medvos.uncertainty.borders.sample_areas`) and
    every measure is computed from each; its interval goes from the 5th to the 95th percentile, not below 0, and always
    includes the stated value. Drawn slices have the error of a reader. After a correction no interval is wider than
    before it, and a measure that left its former interval is doubted, unless other phases than those of the largest and
    the smallest volume are measured, to which the former intervals do not apply. The same input gives the same
    intervals.

    Parameters
    ----------
    measures: without intervals.
    tables: label number to (T, Z, D) areas, see `medvos.uncertainty.areas`.
    constants: structure name to the numbers of `medvos.uncertainty.borders.Border`.
    cine: the measured cine.
    """
    if measures.beats:  # an echo view, whose volumes are not sums of areas
        return measures
    tables = with_reader_errors(tables, constants, cine)
    phases = [phase for phase in (measures.ed, measures.es) if phase is not None]
    voxel, slice_mm = voxel_ml(cine.affine), cine.spacing[0]
    volumes = {label: voxel * draw(label, areas[phases], constants, slice_mm) for label, areas in tables.items()}
    exact = {label: voxel * areas[phases][..., STATED].sum(1)[None] for label, areas in tables.items()}
    drawn, stated = from_volumes(volumes, len(phases)), from_volumes(exact, len(phases))
    before = constants.get(BEFORE, {}) if _is_at_found_phases(measures) else {}
    by_name = {
        name: _with_interval(name, measure, drawn, stated, _limit(name, measures, before))
        for name, measure in measures.items()
    }
    return with_doubts(replace(measures, by_name=by_name), _on_left_intervals(by_name, before))


def _on_left_intervals(measures: Mapping[str, Measure], before: Mapping[str, Sequence[float]]) -> list[Doubt]:
    """Doubt the intervals of a heart whose correction moved a measure out of its former interval."""
    left = [
        _left(name, measure.value, measure.unit, before[name])
        for name, measure in measures.items()
        if name in before and name not in MULTIPLE_OF and measure.value is not None
        if not before[name][0] <= measure.value <= before[name][1]
    ]
    if not left:
        return []
    return [Doubt(f"the correction moved {', '.join(left)} out of the former interval, so that it was too narrow")]


def _left(name: str, value: float, unit: str, before: Sequence[float]) -> str:
    decimals = row_of(name).decimals
    value_text, low, high = (f"{number:.{decimals}f}" for number in (value, before[0], before[1]))
    return f"{name} ({value_text} {unit}, before {low} to {high})"


def _is_at_found_phases(measures: Measures) -> bool:
    """Whether ED and ES are those that are found from the volumes, and not others that were chosen."""
    curve = measures.volumes_ml.get(name_of(LV), measures.volumes_ml.get(name_of(RV)))
    return curve is not None and find_ed_and_es(curve) == (measures.ed, measures.es)


def _limit(name: str, measures: Measures, before: Mapping[str, Sequence[float]]) -> float:
    """Return the largest width that the interval of a measure may have, in its unit."""
    of = MULTIPLE_OF.get(name, name)
    one, other = measures[name].value, measures[of].value if of in measures else None
    if of not in before or one is None or not other:
        return math.inf
    return float(before[of][2]) * abs(one / other)


def band(
    curve: NDArray[np.float64], label: int, areas: NDArray[np.float32], constants: Constants, cine: Cine
) -> NDArray[np.float64]:
    """Return (2, T), the lower and upper end of the 90 % interval of each phase's volume; nan where the curve is nan.

    Parameters
    ----------
    curve: (T,) in mL.
    label: of the structure.
    areas: (T, Z, D).
    """
    # One phase at a time, to save memory.
    samples = [draw(label, phase[None], constants, cine.spacing[0])[:, 0] for phase in areas]
    low, high = voxel_ml(cine.affine) * _ends(np.stack(samples, axis=1))
    return np.stack([np.minimum(low.clip(0), curve), np.maximum(high, curve)])


def draw(label: int, areas: NDArray[np.float32], constants: Constants, slice_mm: float) -> NDArray[np.float64]:
    """Sample (`SAMPLES`, T) possible true volumes in voxels of a structure with these areas (T, Z, D)."""
    rng = np.random.default_rng([SEED, label])
    return sample_areas(areas, border_of(constants, name_of(label)), slice_mm, SAMPLES, rng)


def _with_interval(
    name: str,
    measure: Measure,
    drawn: Mapping[str, NDArray[np.float64]],
    stated: Mapping[str, NDArray[np.float64]],
    widest: float,
) -> Measure:
    """Add its interval to a measure, which may be a multiple of what was sampled (mass, output, per surface area)."""
    if measure.value is None:
        return measure
    # Height and weight are taken to be exact.
    of = PER_AREA.get(name, name)
    if of not in drawn:
        return replace(measure, reason=NO_MODEL)
    exact = float(stated[of][0])
    factor = measure.value / exact if exact else 1.0
    low, high = (factor * end for end in interval(drawn[of], exact))
    return replace(measure, interval=_no_wider(low, high, measure.value, widest), reason=None)


def _no_wider(low: float, high: float, value: float, widest: float) -> tuple[float, float]:
    """Return an interval about a value, made as narrow as ``widest`` if it is wider."""
    if high - low <= widest:
        return low, high
    factor = widest / (high - low)
    return value - factor * (value - low), value + factor * (high - value)


def no_wider_band(
    found: NDArray[np.float64], curve: NDArray[np.float64], widest: Sequence[float | None] | None
) -> NDArray[np.float64]:
    """Return a band (2, T) about a curve (T,), made as narrow as ``widest`` (T,) where it is wider."""
    if widest is None or len(widest) != len(curve):
        return found
    most = np.array(widest, np.float64)  # null becomes nan
    factor = np.fmin(most / np.maximum(found[1] - found[0], 1e-9), 1.0)
    return np.asarray(curve + factor * (found - curve))


def interval(samples: NDArray[np.float64], stated: float) -> tuple[float, float]:
    """Return the 90 % interval of samples (N,), not below 0 and with the stated value inside.

    >>> tuple(round(end, 2) for end in interval(np.arange(11.0), 2.0))
    (0.5, 9.5)
    """
    low, high = _ends(samples)
    return float(min(max(low, 0.0), stated)), float(max(high, stated))


def _ends(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (2, ...), the ends of the 90 % interval of samples (N, ...)."""
    return np.quantile(samples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
