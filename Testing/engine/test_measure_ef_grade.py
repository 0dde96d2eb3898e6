"""Grade of the ejection fraction in words."""

from __future__ import annotations

import numpy as np
import pytest

from medvos.measure.ef_grade import grade_document, grade_sentences, grade_text
from medvos.measure.measures import Measure, Measures


def with_ef(value: float | None, interval: tuple[float, float] | None = None, **more: object) -> Measures:
    reason = "no LV" if value is None else None
    return Measures({"LVEF": Measure(value, "%", interval, reason)}, np.zeros(1), **more)


@pytest.mark.parametrize(
    ("value", "grade"),
    [(20, "reduced"), (40.4, "reduced"), (40.6, "mildly reduced"), (49.4, "mildly reduced"), (49.6, "preserved")],
)
def test_grades_follow_the_guideline_in_whole_percent(value, grade):
    assert grade_text(with_ef(value)) == grade


def test_all_grades_within_the_interval_are_named():
    measures = with_ef(44.0, (38.0, 52.0))
    assert grade_text(measures) == "reduced or mildly reduced or preserved"
    assert "(all are possible" in grade_sentences(measures)[0]
    assert "(both are possible" in grade_sentences(with_ef(44.0, (38.0, 46.0)))[0]
    assert "doi:10.1093/eurheartj/ehab368" in grade_sentences(measures)[0]


def test_a_doubted_ef_is_not_graded():
    measures = with_ef(34.0, ungraded="stroke volumes differ")
    assert grade_text(measures) == "" and "not graded" in grade_sentences(measures)[0]
    assert grade_document(measures)["reason"] == "stroke volumes differ"
    assert grade_sentences(with_ef(None)) == []
