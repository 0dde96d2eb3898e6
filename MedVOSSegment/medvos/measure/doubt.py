"""A doubt about measures: a sentence, and what it means for values and verdicts.

A doubt that voids measures takes their place as the reason of a null value; any other is shown beside the values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from medvos.measure.catalogue import PER_AREA
from medvos.measure.measures import Measure, Measures

Move = tuple[float, float]  # below and above the value


@dataclass(frozen=True)
class Doubt:
    """Why measures are doubted, as the end of a sentence.

    Attributes
    ----------
    voids: names of the measures that it voids.
    holds: names of the measures whose value stands, but without a verdict.
    moves: measure name to how far below and above its value it could move the measure, in its unit.
    verdict: what it means for verdicts, told only where one of these measures has a reference range.
    """

    reason: str
    voids: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    moves: Mapping[str, Move] = field(default_factory=dict)
    verdict: str = ""

    @property
    def sentence(self) -> str:
        """The reason as a sentence."""
        return f"{self.reason[:1].upper()}{self.reason[1:]}."


def with_doubts(measures: Measures, doubts: Iterable[Doubt]) -> Measures:
    """Return the measures without the values that are void, and with all doubts and what they hold back or could move.

    >>> with_doubts(measures, [Doubt("the LV is labelled in 3 of 80 frames", ("LVEF",))])["LVEF"].value
    """
    reasons: dict[str, str] = {}
    held, moves, ungraded = dict(measures.held), dict(measures.moves), measures.ungraded
    sentences: list[str] = []
    for doubt in doubts:
        named = [name for name in with_indices(doubt.voids) if name in measures and measures[name].value is not None]
        for name in named:
            reasons.setdefault(name, doubt.reason)
        for name in with_indices(doubt.holds):
            if name in measures and measures[name].value is not None:
                held.setdefault(name, doubt.reason)
        ungraded = ungraded or (doubt.reason if "LVEF" in doubt.holds else None)
        moves = _joined(moves, doubt.moves, measures)
        if named or not doubt.voids:
            sentences.append(_told(doubt, measures))
    by_name = {
        name: replace(measure, value=None, interval=None, reason=reasons[name]) if name in reasons else measure
        for name, measure in measures.items()
    }
    normal = {name: found for name, found in measures.normal.items() if name not in reasons}
    beats = () if "LVEF" in reasons else measures.beats
    held = {name: reason for name, reason in held.items() if name not in reasons}
    moves = {name: move for name, move in moves.items() if name not in reasons}
    told = tuple(dict.fromkeys((*measures.doubts, *sentences)))
    found = replace(measures, by_name=by_name, normal=normal, beats=beats, doubts=told)
    return replace(found, held=held, moves=moves, ungraded=ungraded)


def _told(doubt: Doubt, measures: Measures) -> str:
    judged = {PER_AREA.get(name, name) for name in measures.normal} | set(measures.normal)
    if not doubt.verdict or judged.isdisjoint((*doubt.holds, *doubt.moves)):
        return doubt.sentence
    return f"{doubt.sentence.removesuffix('.')}; {doubt.verdict}."


def _joined(moves: Mapping[str, Move], more: Mapping[str, Move], measures: Mapping[str, Measure]) -> dict[str, Move]:
    """Return both together, independent of each other, with those per body surface area; only of known values."""
    known = {name: measure.value for name, measure in measures.items() if measure.value}
    of = {name: PER_AREA.get(name, name) for name in known}
    scale = {name: known[name] / known[of[name]] for name in known if of[name] in known}
    joined = dict(moves)
    for name, factor in scale.items():
        if of[name] in more:
            ends = zip(moves.get(name, (0.0, 0.0)), more[of[name]], strict=True)
            below, above = (math.hypot(one, factor * other) for one, other in ends)
            joined[name] = (below, above)
    return joined


def with_indices(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of measures, and of those that are the same per body surface area.

    >>> with_indices(["LVM"])
    ('LVM', 'LVMI')
    """
    named = tuple(names)
    return (*named, *(name for name, of in PER_AREA.items() if of in named))


def beside_the_values(measures: Measures) -> list[str]:
    """Return the doubts that are not told as the reason of a value that is not known."""
    reasons = {Doubt(measure.reason).sentence for measure in measures.values() if measure.reason}
    return [sentence for sentence in measures.doubts if sentence not in reasons]
