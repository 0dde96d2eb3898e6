from __future__ import annotations

import numpy as np
import pytest

from medvos.cohort.agreement import Agreement, agreement, agreements, intraclass_correlation
from medvos.cohort.record import Record, Status


def agree(found: list[float], truth: list[float]) -> Agreement:
    names = tuple(f"case {i}" for i in range(len(found)))
    return agreement("LVEF", "%", names, np.array(found, float), np.array(truth, float))


def compared(name: str, **pairs: tuple[float | None, float | None]) -> Record:
    sides = {key: {"prediction": a, "truth": b, "unit": "mL", "reason": None} for key, (a, b) in pairs.items()}
    return Record(name, Status.FINISHED, compared=sides)


def test_bias_and_limits_are_those_of_bland_and_altman():
    # Peak expiratory flow, large against mini meter: the 17 subjects of table 1 of Bland and Altman 1986.
    large = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    found = agree(large, mini)
    assert found.bias == pytest.approx(-2.1, abs=0.05)
    # The paper takes 2 standard deviations of 38.8 for 1.96.
    assert found.limits == pytest.approx((-2.1 - 1.96 * 38.8, -2.1 + 1.96 * 38.8), abs=0.1)
    assert found.bias_interval == pytest.approx((-22.0, 17.8), abs=0.1)
    assert found.correlation == pytest.approx(0.94, abs=0.005)


def test_icc_is_that_of_shrout_and_fleiss():
    # Table 2 of Shrout and Fleiss 1979, six targets by four judges; their ICC(2,1) in table 4.
    judged = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    assert intraclass_correlation(np.array(judged, float)) == pytest.approx(0.29, abs=0.005)


def test_a_constant_error_lowers_the_icc_and_not_the_correlation():
    found = agree([12, 22, 32, 42], [10, 20, 30, 40])
    assert found.bias == pytest.approx(2)
    assert found.limits == pytest.approx((2, 2))
    assert found.correlation == pytest.approx(1)
    assert found.icc is not None
    assert found.icc < 1
    assert agree([10, 20, 30], [10, 20, 30]).icc == pytest.approx(1)


def test_of_one_and_two_cases_no_more_is_said_than_is_known():
    one, two = agree([50], [55]), agree([50, 60], [55, 61])
    assert (one.bias, one.limits, one.bias_interval, one.correlation, one.icc) == (-5, None, None, None, None)
    assert two.bias_interval is not None
    assert (two.limits, two.correlation) == (None, None)
    assert agree([50, 60, 70], [55, 61, 70]).limits is not None
    assert agree([50, 50, 50], [51, 52, 53]).correlation is None


def test_cases_without_both_values_are_left_out():
    records = [
        compared("a", LVEDV=(100.0, 104.0), RVEDV=(90.0, None)),
        compared("b", LVEDV=(None, 90.0)),
        Record("c", Status.FAILED),
        compared("d", LVEDV=(80.0, 80.0), CO=(4.0, 4.0)),
    ]
    (found,) = agreements(records)
    assert (found.name, found.unit, found.cases, found.bias) == ("LVEDV", "mL", ("a", "d"), -2)
