"""Grade of the LV's ejection fraction in words, after the guideline of the European Society of Cardiology."""

from __future__ import annotations

from collections.abc import Mapping

from medvos.measure.measures import WITH_DOUBTS, Measures

SOURCE = (
    "2021 ESC Guidelines for the diagnosis and treatment of acute and chronic heart failure, McDonagh et al. 2021, "
    "Eur Heart J 42:3599-3726, doi:10.1093/eurheartj/ehab368"
)
# Grade, largest LVEF in whole %.
GRADES = (("reduced", 40), ("mildly reduced", 49), ("preserved", 100))
LIMITS = "40 % or less is reduced, 41 to 49 % mildly reduced, 50 % or more preserved"


def possible_grades(measures: Measures) -> tuple[str, ...]:
    """Return the grades that the interval of the LVEF allows, the lowest first; none if it is not known or is doubted.

    >>> possible_grades(Measures({"LVEF": Measure(38.0, "%", (34.0, 42.0))}, times))
    ('reduced', 'mildly reduced')
    """
    measure = measures.get("LVEF")
    if measure is None or measure.value is None or measures.ungraded or measures.beats:
        return ()
    return grades_within(*(measure.interval or (measure.value, measure.value)))


def grades_within(low: float, high: float) -> tuple[str, ...]:
    """Return the grades of an LVEF from ``low`` to ``high`` in %, the lowest first."""
    first, last = _place(low), _place(high)
    return tuple(name for name, _ in GRADES[first : last + 1])


def grade_text(measures: Measures) -> str:
    """Return the grade as a card shows it, such as ``reduced or mildly reduced``; empty without one."""
    return " or ".join(possible_grades(measures))


def grade_document(measures: Measures) -> Mapping[str, object]:
    """Return the grades as plain JSON values: those that are possible, the source, and why there is none."""
    measure = measures.get("LVEF")
    reason = measures.ungraded or (measure.reason if measure is not None and measure.value is None else None)
    return {"possible": list(possible_grades(measures)), "source": SOURCE, "reason": reason}


def grade_sentences(measures: Measures) -> list[str]:
    """Return the sentence on the grade of the LVEF, in a list; empty if the LVEF is not known."""
    measure = measures.get("LVEF")
    if measure is None or measure.value is None:
        return []
    if measures.ungraded:
        why = measures.ungraded if measures.ungraded.startswith(WITH_DOUBTS) else "see the doubts"
        return [f"The LVEF is not graded: {why}."]
    if measures.beats:
        return ["The LVEF of a clip in one plane is not graded: it has no interval."]
    count = len(possible_grades(measures))
    several = f" ({'both' if count == 2 else 'all'} are possible within the interval)" if count > 1 else ""
    return [f"LVEF {grade_text(measures)}{several}: {LIMITS} ({SOURCE})."]


def _place(percent: float) -> int:
    return next((i for i, (_, most) in enumerate(GRADES) if round(percent) <= most), len(GRADES) - 1)
