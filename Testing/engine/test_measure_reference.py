from __future__ import annotations

import numpy as np
import pytest

from medvos.measure.measures import Measure, Measures
from medvos.measure.reference import _table, normal_ranges
from medvos.measure.subject import Subject
from medvos.measure.verdict import verdict_of


def verdict(name: str, value: float, sex: str, age: int) -> str | None:
    by_name = {name: Measure(value, "")}
    ranges, _ = normal_ranges(by_name, Subject(sex, age))
    return verdict_of(name, Measures(by_name, np.zeros(1), normal=ranges))


@pytest.mark.parametrize(
    ("name", "value", "sex", "age", "expected"),
    [
        ("LVEDV", 180.0, "F", 45, "high"),
        ("LVEDV", 180.0, "M", 45, "normal"),
        ("LVEDV", 240.0, "M", 29, "normal"),
        ("LVEDV", 240.0, "M", 40, "high"),
        ("LVEF", 48.0, "F", 30, "low"),
        ("LVEF", 49.0, "F", 30, "normal"),
        ("RVEDVI", 50.0, "M", 90, "normal"),
    ],
)
def test_the_verdict_is_that_of_the_same_sex_and_age(name, value, sex, age, expected):
    assert verdict(name, value, sex, age) == expected


def test_a_range_says_whom_it_is_of_and_where_it_was_published():
    one = normal_ranges({"LVEF": Measure(60.0, "%")}, Subject("F", 75))[0]["LVEF"]
    assert "women of 70 years and older" in one.group
    assert "10.1016/j.jcmg.2024.01.009" in one.citation


@pytest.mark.parametrize(
    ("person", "why"), [(Subject(), "sex and the age"), (Subject("F"), "age"), (Subject("M", 17), "18 years")]
)
def test_without_a_range_there_is_a_reason(person, why):
    ranges, reason = normal_ranges({"LVEF": Measure(60.0, "%")}, person)
    assert not ranges
    assert why in reason


def test_measures_without_a_value_or_a_published_range_have_none():
    measures = {"LVEF": Measure(None, "%", reason="none"), "LVPFR": Measure(300.0, "mL/s"), "CO": Measure(5.0, "L/min")}
    assert normal_ranges(measures, Subject("M", 40))[0] == {}


def test_the_table_was_copied_without_slips():
    """Prediction intervals of a straight line in age: equal steps from decade to decade, and equal widths."""
    for ages in _table().values():
        for name in ages[18]:
            ends = np.array([ages[age][name] for age in sorted(ages)])
            assert (ends[:, 0] < ends[:, 1]).all()
            assert np.ptp(np.diff(ends, axis=0), axis=0).max() <= 2, name
            assert np.ptp(ends[:, 1] - ends[:, 0]) <= 2, name
