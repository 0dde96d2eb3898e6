"""The measures that a report shows large, each with interval, value per body surface area and verdict."""

from __future__ import annotations

from dataclasses import dataclass

from medvos.measure.catalogue import HEADLINES, PER_AREA, RANKED, row_of
from medvos.measure.ef_grade import grade_text
from medvos.measure.measures import WITH_DOUBTS, Measures
from medvos.measure.verdict import could_be, verdict_of, verdict_text
from medvos.report.numbers import number, pair


@dataclass(frozen=True)
class Headline:
    """One card, as text; unknown parts are empty, ``alarm`` marks a value out of its range.

    Attributes
    ----------
    interval: the 90 % interval. doubted: the range with the doubts, where these could change the verdict.
    indexed: the value per m² of body surface. verdict: against the reference range.
    grade: of the LVEF.
    """

    name: str
    number: str
    unit: str
    interval: str
    doubted: str
    indexed: str
    verdict: str
    grade: str
    alarm: bool


def headlines_of(measures: Measures) -> tuple[Headline, ...]:
    """Return the cards of the known measures among the most important ones."""
    return tuple(
        _headline(name, measures)
        for name in RANKED[:HEADLINES]
        if name in measures and measures[name].value is not None
    )


def _headline(name: str, measures: Measures) -> Headline:
    measure, decimals = measures[name], row_of(name).decimals
    index = next((other for other, of in PER_AREA.items() if of == name), None)
    indexed = measures.get(index) if index is not None else None
    return Headline(
        name,
        number(measure.value, decimals),
        measure.unit,
        "" if measure.interval is None else pair(*measure.interval, decimals),
        _doubted(name, measures),
        "" if indexed is None or indexed.value is None else f"{number(indexed.value)} {indexed.unit}",
        verdict_text(name, measures),
        _grade(measures) if name == "LVEF" else "",
        verdict_of(name, measures) in ("low", "high"),
    )


def _doubted(name: str, measures: Measures) -> str:
    """Return the range that the doubts leave, where it is the reason that there is no verdict or grade."""
    held = measures.held.get(name, ""), (measures.ungraded or "") if name == "LVEF" else ""
    if not any(reason.startswith(WITH_DOUBTS) for reason in held):
        return ""
    return f"{WITH_DOUBTS} {pair(*could_be(name, measures), row_of(name).decimals)}"


def _grade(measures: Measures) -> str:
    return "grade not certain" if measures.ungraded else grade_text(measures)
