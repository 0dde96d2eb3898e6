"""The part of each measure that rests on slices with probably bad contours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medvos.measure.catalogue import PER_AREA, Needs, row_of
from medvos.measure.doubts import Doubt, with_doubts
from medvos.measure.measures import Measures
from medvos.structures import LV, MYO
from medvos.uncertainty.unreliable import unreliable

# Of the volume that a measure rests on: an error of this part could move a measure across the end of its range.
MOST_UNRELIABLE = 0.1
# The ratio of mass and volume rests on both structures.
ON_BOTH = {"LVMVR": (LV, MYO)}


def with_reliability(measures: Measures, areas: Mapping[int, NDArray[np.floating]], scores: NDArray) -> Measures:
    """Add to each measure at ED or ES the part that rests on unreliable contours; hold the verdict where it is large.

    A slice counts with the largest area that the structure has there at any phase; an unreliable one beside a reliable
    one with no less than the area there, so that a ventricle that was lost in a slice counts too.
    A measure at both ED and ES has the larger of the two parts.

    Parameters
    ----------
    areas: label number to (T, Z) areas in any unit.
    scores: (T, Z), the probability that the contours are bad; 0 where drawn.
    """
    by_name, held, places = dict(measures), [], set()
    for name, measure in measures.items():
        row = row_of(name)
        found: list[tuple[float, set[tuple[int, int]]]] = [
            _at(areas[label], scores, phase)
            for label in ON_BOTH.get(name, (row.structure,))
            for phase in _phases(measures, row.phases)
            if label in areas
        ]
        if measure.value is None or not found or row.needs is Needs.OBSTRUCTION:
            continue
        part = max(part for part, _ in found)
        by_name[name] = replace(measure, unreliable=part)
        if part >= MOST_UNRELIABLE:
            held.append(name)
            places |= set().union(*(where for _, where in found))
    measures = replace(measures, by_name=by_name)
    if not held:
        return measures
    return with_doubts(measures, [Doubt(_reason(held, sorted(places), measures), holds=tuple(held))])


def _phases(measures: Measures, names: tuple[str, ...]) -> list[int]:
    known = {"ED": measures.ed, "ES": measures.es}
    return [phase for name in names if (phase := known[name]) is not None]


def _at(areas: NDArray[np.floating], scores: NDArray, phase: int) -> tuple[float, set[tuple[int, int]]]:
    """Return the unreliable part of one structure (T, Z) at a phase, and the (phase, slice) where it is unreliable."""
    most = areas.max(axis=0).astype(np.float64)
    bad = unreliable(scores[phase])
    expected = np.where(bad, np.maximum(most, _beside(most, bad)), most)
    bad &= expected > 0
    total = float(expected.sum())
    return (float(expected[bad].sum()) / total if total else 0.0), {(phase, int(z)) for z in np.flatnonzero(bad)}


def _beside(areas: NDArray[np.float64], bad: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (Z,) the area in the reliable neighbour of each slice, the smaller of two; 0 without one."""
    padded = np.pad(np.where(bad, np.inf, areas), 1, constant_values=np.inf)
    least = np.minimum(padded[:-2], padded[2:])
    return np.where(np.isfinite(least), least, 0.0)


def _reason(held: list[str], places: list[tuple[int, int]], measures: Measures) -> str:
    """Name the measures, per body surface area left out, and the slices counted from 1."""
    names = ", ".join(name for name in held if name not in PER_AREA)
    where = []
    for when, phase in (("ED", measures.ed), ("ES", measures.es)):
        slices = [str(z + 1) for t, z in places if t == phase]
        if slices and phase is not None:
            where.append(f"slice{'s' if len(slices) > 1 else ''} {', '.join(slices)} at {when} (phase {phase + 1})")
    return (
        f"{names} rest on unreliable contours by {100 * MOST_UNRELIABLE:.0f} % or more: {' and '.join(where)}, counted "
        "from 1; correct them; no verdict is given on these measures"
    )
