"""Fit of the correlations between border errors, so that 90 % intervals of measures hold the truth in 90 % of cases."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.measure.catalogue import row_of
from medvos.measure.function import MYOCARDIAL_DENSITY, from_volumes
from medvos.measure.intervals import LEVEL, draw, interval
from medvos.measure.volumes import voxel_ml
from medvos.result import Result
from medvos.structures import LV, MYO, RV, name_of
from medvos.uncertainty.areas import STATED, area_tables
from medvos.uncertainty.borders import places
from medvos_lab.bench.protocol import Trial

# A structure is widened by what these of its measures need; the others follow from the same volumes.
GUIDES = {LV: ("LVEDV", "LVESV", "LVEF"), MYO: ("LVM",), RV: ("RVEDV", "RVESV", "RVEF")}
LARGEST_WIDENING = 3.0
HALVINGS = 7


@dataclass(frozen=True)
class Seen:
    """One patient's borders at ED and ES, and what an expert drew.

    Attributes
    ----------
    name: of the case.
    slice_mm, voxel_ml: distance between slices, volume of a voxel.
    areas: label number to (2, Z, D) areas of `medvos.uncertainty.areas`, of the slices that the expert judged.
    truth: label number to (2, Z) areas that the expert drew there, in voxels.
    """

    name: str
    slice_mm: float
    voxel_ml: float
    areas: dict[int, NDArray[np.float32]]
    truth: dict[int, NDArray[np.float64]]

    @staticmethod
    def of(trial: Trial, result: Result, found: tuple[int, int] | None = None) -> Seen:
        """Measure the myocardium at ED only, both ventricles in slices that were judged at ED and ES.

        With ``found``, ED and ES as found in the result, the borders are those of these phases; the truth is always
        that of the expert's ED and ES.
        """
        phases = [trial.ed, trial.es]
        measured = list(found or phases)
        tables = area_tables(result.labels[measured], result.uncertainty[measured])
        areas, truth = {}, {}
        for label in set(tables) & set(trial.case.structures):
            judged = trial.case.known(MYO)[trial.ed] if label == MYO else trial.measured_slices(label)
            if judged.any():
                areas[label] = tables[label][:, judged]
                truth[label] = (trial.case.labels[phases] == label).sum((2, 3))[:, judged].astype(float)
        return Seen(trial.case.name, result.cine.spacing[0], voxel_ml(result.cine.affine), areas, truth)


@dataclass(frozen=True)
class Outcome:
    """One measure of one patient, in mL, g or %: what was stated with which interval, and the truth."""

    stated: float
    low: float
    high: float
    truth: float

    @property
    def is_covered(self) -> bool:
        """Does the interval hold the truth?"""
        return self.low <= self.truth <= self.high


def outcomes(
    seen: Seen, constants: Mapping[str, Sequence[float]], labels: Sequence[int] = (LV, MYO, RV)
) -> dict[str, Outcome]:
    """Return the patient's intervals by measure, with these constants."""
    there = [label for label in labels if label in seen.areas]
    drawn = from_volumes({label: draw(label, seen.areas[label], constants, seen.slice_mm) for label in there}, 2)
    stated = from_volumes({label: seen.areas[label][..., STATED].sum(1)[None] for label in there}, 2)
    true = from_volumes({label: seen.truth[label].sum(1)[None] for label in there}, 2)
    found = {}
    for name in drawn:
        # `from_volumes` gives CO as the stroke volume.
        unit = {"%": 1.0, "g": seen.voxel_ml * MYOCARDIAL_DENSITY}.get(row_of(name).unit, seen.voxel_ml)
        low, high = interval(drawn[name], stated[name][0])
        found[name] = Outcome(*(float(value) * unit for value in (stated[name][0], low, high, true[name][0])))
    return found


def fit(seen: Sequence[Seen]) -> dict[str, list[float]]:
    """Fit the numbers of `medvos.uncertainty.borders.Border` of each structure.

    Reach and share follow from where the expert's borders lie in the model's own distribution. The widening is then
    split conformal (Angelopoulos and Bates 2021): the smallest one that of N measures of these patients covers
    ``ceil(0.9 (N + 1))``.
    """
    found = {}
    for label, guides in GUIDES.items():
        known = [patient for patient in seen if label in patient.areas]
        if known:
            reach, shared = _correlations(known, label)
            needed = np.sort([n for patient in known for n in _needed(patient, label, guides, reach, shared)])
            rank = min(math.ceil(LEVEL * (len(needed) + 1)), len(needed))
            found[name_of(label)] = [round(float(value), 3) for value in (needed[rank - 1], reach, shared)]
    return found


def _correlations(seen: Sequence[Seen], label: int) -> tuple[float, float]:
    """Return the reach in mm along z, and the correlation between ED and ES in the same slice."""
    where = [places(patient.areas[label], patient.truth[label]) for patient in seen]
    beside = _correlation([x[:, :-1] for x in where], [x[:, 1:] for x in where])
    shared = _correlation([x[0] for x in where], [x[1] for x in where])
    slice_mm = float(np.mean([patient.slice_mm for patient in seen]))
    return -slice_mm / math.log(min(max(beside, 0.05), 0.95)), min(max(shared, 0.0), 0.95)


def _correlation(a: Sequence[NDArray[np.float64]], b: Sequence[NDArray[np.float64]]) -> float:
    """Return the correlation about 0, not about the mean: a shift common to all slices counts as correlated."""
    x, y = (np.concatenate([part.ravel() for part in parts]) for parts in (a, b))
    x, y = (values[np.isfinite(x + y)] for values in (x, y))
    size = math.sqrt(float((x**2).sum() * (y**2).sum()))
    return float((x * y).sum()) / size if size else 0.0


def _needed(patient: Seen, label: int, guides: Sequence[str], reach: float, shared: float) -> Iterator[float]:
    """Return the smallest widening with which each of the measures is covered."""
    for guide in guides:

        def covers(widening: float, guide: str = guide) -> bool:
            constants = {name_of(label): (widening, reach, shared)}
            return outcomes(patient, constants, (label,))[guide].is_covered

        yield _smallest(covers)


def _smallest(covers: Callable[[float], bool]) -> float:
    """Return it by bisection, since a wider interval holds a narrower one; at most `LARGEST_WIDENING`."""
    low, high = 0.0, LARGEST_WIDENING
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if covers(middle) else (middle, high)
    return high
