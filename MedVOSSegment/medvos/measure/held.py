"""Hold verdicts back where the doubts could move a measure across a limit, and only there."""

from __future__ import annotations

from dataclasses import replace

from medvos.measure.catalogue import row_of
from medvos.measure.ef_grade import grades_within, possible_grades
from medvos.measure.measures import WITH_DOUBTS, Measures
from medvos.measure.verdict import could_be, possible_verdicts, verdicts_within


def with_held(measures: Measures) -> Measures:
    """Return the measures with those held, and the LVEF not graded, whose verdict the doubts could change.

    >>> with_held(replace(measures, moves={"LVEF": (9.0, 0.0)})).held["LVEF"]
    'with the doubts it could be 44.0 to 58.1 %, low or normal'
    """
    held, ungraded = dict(measures.held), measures.ungraded
    for name in measures.moves:
        normal = measures.normal.get(name)
        if normal is not None:
            verdicts = verdicts_within(normal, *could_be(name, measures))
            if verdicts != possible_verdicts(name, measures):
                held.setdefault(name, _reason(name, measures, verdicts))
        grades = grades_within(*could_be(name, measures)) if name == "LVEF" else ()
        if grades and grades != possible_grades(measures):
            ungraded = ungraded or _reason(name, measures, grades)
    return replace(measures, held=held, ungraded=ungraded)


def _reason(name: str, measures: Measures, possible: tuple[str, ...]) -> str:
    low, high = could_be(name, measures)
    decimals, unit = row_of(name).decimals, measures[name].unit
    return f"{WITH_DOUBTS} it could be {low:.{decimals}f} to {high:.{decimals}f} {unit}, {' or '.join(possible)}"
