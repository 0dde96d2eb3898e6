"""Tables on the terminal."""

from __future__ import annotations

from medvos.cli.terminal_tables import measures_table
from medvos.measure.measure import measure
from medvos.measure.subject import Subject
from medvos.result import Result


def headings(result: Result, *, bare: bool = False, subject: Subject | None = None) -> list[str]:
    """The columns of the table of a result's measures, or of its labels alone."""
    measures = measure(result.labels, result.cine) if bare else measure(result, subject=subject)
    return [str(column.header) for column in measures_table(measures).columns]


def test_a_column_without_anything_in_it_is_left_out(a_result: Result):
    assert headings(a_result, bare=True) == ["measure", "value", "unit"]
    assert headings(a_result) == ["measure", "value", "90 % interval", "unit"]
    assert headings(a_result, subject=Subject("M", 50)) == ["measure", "value", "90 % interval", "unit", "normal", ""]
