"""Propagate the uncertainty of voxels to intervals of measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.measure.catalogue import PER_AREA
from medvos.measure.function import from_volumes
from medvos.measure.measures import Measure, Measures
from medvos.measure.volumes import voxel_ml
from medvos.result import Result
from medvos.structures import name_of
from medvos.uncertainty.areas import STATED, area_tables
from medvos.uncertainty.borders import UNFITTED, border_of, sample_areas

LEVEL = 0.9
SAMPLES = 2000
SEED = 5
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
    bands = {
        name_of(label): band(measures.volumes_ml[name_of(label)], label, areas, constants, result.cine)
        for label, areas in tables.items()
        if name_of(label) in measures.volumes_ml
    }
    return replace(carry_over(measures, tables, constants, result.cine), bands_ml=bands)


def constants_of(provenance: Mapping[str, Any]) -> Constants:
    """Return the constants of the border errors in a result's provenance; safe defaults if it has none."""
    found: Constants = provenance.get("intervals", UNFITTED)
    return found


def carry_over(measures: Measures, tables: Tables, constants: Constants, cine: Cine) -> Measures:
    """Add 90 % intervals to the measures by sampling possible true volumes.

    `SAMPLES` pairs of volumes at ED and ES are drawn for each structure (`medvos.uncertainty.borders.sample_areas`) and
    every measure is computed from each; its interval goes from the 5th to the 95th percentile, not below 0, and always
    includes the stated value. The same input gives the same intervals.

    Parameters
    ----------
    measures: without intervals.
    tables: label number to (T, Z, D) areas, see `medvos.uncertainty.areas`.
    constants: structure name to the numbers of `medvos.uncertainty.borders.Border`.
    cine: the measured cine.
    """
    if measures.beats:  # an echo view, whose volumes are not sums of areas
        return measures
    phases = [phase for phase in (measures.ed, measures.es) if phase is not None]
    voxel, slice_mm = voxel_ml(cine.affine), cine.spacing[0]
    volumes = {label: voxel * draw(label, areas[phases], constants, slice_mm) for label, areas in tables.items()}
    exact = {label: voxel * areas[phases][..., STATED].sum(1)[None] for label, areas in tables.items()}
    drawn, stated = from_volumes(volumes, len(phases)), from_volumes(exact, len(phases))
    return replace(
        measures, by_name={name: _with_interval(name, measure, drawn, stated) for name, measure in measures.items()}
    )


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
    name: str, measure: Measure, drawn: Mapping[str, NDArray[np.float64]], stated: Mapping[str, NDArray[np.float64]]
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
    low, high = interval(drawn[of], exact)
    return replace(measure, interval=(low * factor, high * factor), reason=None)


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
