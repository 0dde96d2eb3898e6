"""The part of each measure that rests on slices with probably bad contours, and how far these could move it.

A slice counts as unreliable where it is more probable than not that its contours overlap with the right ones by a Dice
below 0.8. With a Dice of 0.8 the larger of two nested contours has 1.5 times the area of the smaller: the LV and the
wall of such a slice are therefore taken to be wrong by up to half of their area. The RV of an unreliable slice may be
missing or be none at all, as at the base, and is taken to be wrong by all of its area. In a slice that lost a structure
there may be as much of it as in the larger neighbour, and in neighbouring slices that lost it together as much as in
the nearest slice that did not. The slices of a stack are taken to err the same way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from medvos.measure.catalogue import PER_AREA, Needs, row_of
from medvos.measure.doubt import Doubt, Move, with_doubts
from medvos.measure.measures import Measures
from medvos.structures import LV, MYO, RV
from medvos.uncertainty.unreliable import unreliable

# Of the volume that a measure rests on. An error of this part could move a measure across the end of its range.
MOST_UNRELIABLE = 0.1
# Of the same: what rests on unreliable contours by half is no measurement.
NO_MEASUREMENT = 0.5
# Of the area in an unreliable slice, which could be wrong.
WRONG = {LV: 0.5, MYO: 0.5, RV: 1.0}


@dataclass
class _Found:
    """What rests on unreliable contours: measure name to the part, places (phase, slice), and possible changes."""

    parts: dict[str, float] = field(default_factory=dict)
    places: set[tuple[int, int]] = field(default_factory=set)
    empty: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), bool))  # (T, Z), no contours at all
    moves: dict[str, Move] = field(default_factory=dict)


def with_reliability(measures: Measures, areas: Mapping[int, NDArray[np.floating]], scores: NDArray) -> Measures:
    """Add to each measure the part that rests on unreliable contours, and doubt it where that is large.

    A slice counts with the largest area that the structure has there at any phase; an unreliable one beside a reliable
    one with no less than the area there, so that a ventricle that was lost in a slice counts too. A measure of the
    whole beat, such as a peak rate, has the mean of all phases.
    A measure at both ED and ES has the larger of the two parts.

    Parameters
    ----------
    areas: label number to (T, Z) areas in any unit.
    scores: (T, Z), the probability that the contours are bad; 0 where drawn.
    """
    by_name = dict(measures)
    found = _Found(empty=~np.any([area > 0 for area in areas.values()], axis=0))
    changes = {
        (label, phase): _change(areas[label], scores, phase, WRONG[label])
        for label in areas
        for phase in _phases(measures, ("ED", "ES"))
    }
    over_the_beat = []
    for name, measure in measures.items():
        row = row_of(name)
        if row.needs is Needs.CURVE and measure.value is not None and row.structure in areas:
            part = float(np.mean([_at(areas[row.structure], scores, phase)[0] for phase in range(len(scores))]))
            by_name[name] = replace(measure, unreliable=part)
            over_the_beat += [name] if part >= MOST_UNRELIABLE else []
            continue
        rests = [
            _at(areas[label], scores, phase)
            for label in row.structures
            for phase in _phases(measures, row.phases)
            if label in areas
        ]
        if measure.value is None or not rests or row.needs is Needs.OBSTRUCTION:
            continue
        part = max(part for part, _ in rests)
        by_name[name] = replace(measure, unreliable=part)
        if part >= MOST_UNRELIABLE:
            found.parts[name] = part
            found.places |= set().union(*(where for _, where in rests))
            own = [None if at is None else changes.get((row.structure, at)) for at in (measures.ed, measures.es)]
            found.moves |= _moves(name, measures, own)
    measures = replace(measures, by_name=by_name)
    doubts = _doubts(found, measures) if found.parts else []
    if over_the_beat:
        reason = f"{', '.join(over_the_beat)} rest on unreliable contours by {100 * MOST_UNRELIABLE:.0f} % or more over"
        doubts.append(Doubt(f"{reason} the whole beat: correct the darkest slices of the report's map first"))
    return with_doubts(measures, doubts) if doubts else measures


def _phases(measures: Measures, names: tuple[str, ...]) -> list[int]:
    known = {"ED": measures.ed, "ES": measures.es}
    return [phase for name in names if (phase := known[name]) is not None]


def _at(areas: NDArray[np.floating], scores: NDArray, phase: int) -> tuple[float, set[tuple[int, int]]]:
    """Return the unreliable part of one structure (T, Z) at a phase, and the (phase, slice) where it is unreliable."""
    expected, bad = _expected(areas, scores, phase)
    total = float(expected.sum())
    return (float(expected[bad].sum()) / total if total else 0.0), {(phase, int(z)) for z in np.flatnonzero(bad)}


def _expected(areas: NDArray[np.floating], scores: NDArray, phase: int) -> tuple[NDArray[np.float64], NDArray]:
    """Return (Z,) the area that the structure would have in each slice, and (Z,) where it is unreliable."""
    most = areas.max(axis=0).astype(np.float64)
    bad = unreliable(scores[phase])
    expected = np.where(bad, np.maximum(most, _beside(most, bad)), most)
    return expected, bad & (expected > 0)


def _beside(areas: NDArray[np.float64], bad: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (Z,) the area in the reliable neighbour of each slice, the smaller of two; 0 without one."""
    padded = np.pad(np.where(bad, np.inf, areas), 1, constant_values=np.inf)
    least = np.minimum(padded[:-2], padded[2:])
    return np.where(np.isfinite(least), least, 0.0)


def _change(areas: NDArray[np.floating], scores: NDArray, phase: int, wrong: float) -> Move:
    """Return by which part the volume of a structure (T, Z) could be smaller and larger at a phase."""
    expected, bad = _expected(areas, scores, phase)
    own = areas[phase].astype(np.float64)
    lost = _filled(own, expected, bad) - own
    total = float(own.sum())
    if not total:
        return 0.0, 0.0
    return wrong * float(own[bad].sum()) / total, float(np.maximum(wrong * own, lost)[bad].sum()) / total


def _filled(own: NDArray[np.float64], expected: NDArray[np.float64], bad: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the areas (Z,) with those of bad slices as large as the larger neighbour's, up to what is expected there.

    A run of bad slices is filled from both of its ends, so that its inner slices are not taken to be empty because
    their neighbours are lost too.
    """
    filled = own
    for _ in range(int(bad.sum())):
        padded = np.pad(filled, 1)
        beside = np.minimum(expected, np.maximum(padded[:-2], padded[2:]))
        filled = np.where(bad, np.maximum(filled, beside), filled)
    return filled


def _moves(name: str, measures: Measures, changes: list[Move | None]) -> dict[str, Move]:
    """Return how far the changes of the volumes at ED and ES could move a volume, a mass, a stroke volume or an EF."""
    at_ed, at_es = changes
    value = measures[name].value
    side, kind = name[:2], name[2:]
    if value is None:
        return {}
    if kind in ("EDV", "M") and at_ed is not None:
        return {name: (value * at_ed[0], value * at_ed[1])}
    if kind == "ESV" and at_es is not None:
        return {name: (value * at_es[0], value * at_es[1])}
    edv, esv = (measures[side + end].value if side + end in measures else None for end in ("EDV", "ESV"))
    if kind not in ("SV", "EF") or not edv or esv is None or at_ed is None or at_es is None:
        return {}
    if kind == "SV":
        return {
            name: (math.hypot(edv * at_ed[0], esv * at_es[1]), math.hypot(edv * at_ed[1], esv * at_es[0])),
        }
    kept = 100 * esv / edv  # the part of the volume that is not ejected, in %
    smaller, larger = 1 / max(1 - at_ed[0], esv / edv) - 1, 1 - 1 / (1 + at_ed[1])  # of the volume at ED, on that part
    return {name: (kept * math.hypot(smaller, at_es[1]), kept * math.hypot(larger, at_es[0]))}


def _doubts(found: _Found, measures: Measures) -> list[Doubt]:
    none = [name for name, part in found.parts.items() if part >= NO_MEASUREMENT]
    doubted = [name for name in found.parts if name not in none]
    doubts = []
    if doubted:
        reason = _correct(found, measures, doubted, MOST_UNRELIABLE)
        if judged := _judged(doubted, measures):
            reason += f", and {judged} is given only where errors there could not change it"
        doubts.append(Doubt(reason, moves={name: found.moves[name] for name in doubted if name in found.moves}))
    if none:
        same = f"the same contours are {_large_part_of(none, NO_MEASUREMENT)}"
        reason = same if doubted else _correct(found, measures, none, NO_MEASUREMENT)
        if judged := _judged(none, measures):
            reason += f", and no {judged.removeprefix('a ')} is given"
        doubts.append(Doubt(reason, holds=tuple(none)))
    return doubts


def _judged(names: list[str], measures: Measures) -> str:
    """Name what is judged of these measures: a verdict, or the grade of the LVEF; empty without either."""
    if any(PER_AREA.get(name, name) in names for name in measures.normal):
        return "a verdict"
    return "a grade of the LVEF" if "LVEF" in names else ""


def _correct(found: _Found, measures: Measures, names: list[str], part: float) -> str:
    """Ask for corrections, and name the measures that rest on unreliable contours by this part or more."""
    places, empty = _places(found, measures)
    lost = f" (no contours: {empty})" if empty else ""
    return f"correct {places}, counted from 1{lost}. The unreliable contours there are {_large_part_of(names, part)}"


def _large_part_of(names: list[str], part: float) -> str:
    return f"{100 * part:.0f} % or more of {_listed(names)}"


def _listed(names: list[str]) -> str:
    """List measures, those of each ventricle together.

    >>> _listed(["LVEDV", "LVEF", "RVEDV", "CO"])
    'LVEDV, EF; RVEDV; CO'
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        if name not in PER_AREA:
            groups.setdefault(name[:2] if name[2:] in ("EDV", "ESV", "SV", "EF") else name, []).append(name)
    return "; ".join(
        ", ".join([group[0], *(name.removeprefix(side) for name in group[1:])]) for side, group in groups.items()
    )


def _places(found: _Found, measures: Measures) -> tuple[str, str]:
    """Name the slices to correct, and those of them that have no contours at all, both by phase.

    >>> _places(found, measures)
    ('slices 1, 3, 4 at ED (phase 1)', '1 at ED')
    """
    where, empty = [], []
    for when, phase in (("ED", measures.ed), ("ES", measures.es)):
        slices = sorted(z for t, z in found.places if t == phase)
        if slices and phase is not None:
            where.append(f"slice{'s' if len(slices) > 1 else ''} {_numbers(slices)} at {when} (phase {phase + 1})")
            lost = [z for z in slices if found.empty[phase][z]]
            empty += [f"{_numbers(lost)} at {when}"] if lost else []
    return " and ".join(where), " and ".join(empty)


def _numbers(slices: list[int]) -> str:
    return ", ".join(str(z + 1) for z in slices)
