"""Tables on the terminal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from medvos.cli.terminal_tables import measures_table
from medvos.measure.measure import measure
from medvos.measure.measures import Measure
from medvos.measure.subject import Subject
from medvos.report.content import content_of
from medvos.result import Result


def headings(result: Result, *, bare: bool = False, subject: Subject | None = None) -> list[str]:
    """The columns of the table of a result's measures, or of its labels alone."""
    measures = measure(result.labels, result.cine) if bare else measure(result, subject=subject)
    return [str(column.header) for column in measures_table(measures).columns]


def test_a_column_without_anything_in_it_is_left_out(a_result: Result):
    reliable = replace(a_result, slice_scores=np.zeros_like(a_result.slice_scores))
    assert headings(reliable, bare=True) == ["measure", "value", "unit"]
    assert headings(reliable) == ["measure", "value", "90 % interval", "unit"]
    assert headings(reliable, subject=Subject("M", 50)) == ["measure", "value", "90 % interval", "unit", "normal", ""]
    unreliable = replace(a_result, slice_scores=np.ones_like(a_result.slice_scores))
    assert headings(unreliable) == ["measure", "value", "90 % interval", "unit", "on unreliable contours"]


def test_a_verdict_is_as_open_as_in_the_report(a_result: Result):
    measures = replace(measure(a_result, subject=Subject("M", 50)), held={})
    normal = replace(measures.normal["LVEF"], low=50.0, high=70.0, value=52.0)
    for interval, expected in (((49.0, 55.0), "low or normal"), ((51.0, 55.0), "normal"), (None, "normal")):
        by_name = {**measures.by_name, "LVEF": Measure(52.0, "%", interval), "LVM": Measure(90.0, "g", (80.0, 99.0))}
        given = replace(measures, by_name=by_name, normal={"LVEF": normal})
        table = measures_table(given)
        place = list(table.columns[0].cells).index("LVEF")
        column = next(i for i, column in enumerate(table.columns) if column.header == "normal") + 1
        assert list(table.columns[column].cells)[place] == expected
        (line,) = (line for line in content_of(a_result, given).lines if line.name == "LVEF")
        assert line.verdict == expected
