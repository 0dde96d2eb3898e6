"""Comparison case by case."""

from __future__ import annotations

import math

import numpy as np
import pytest

from medvos_lab.bench.paired import wilcoxon_p


def test_the_same_direction_in_every_pair_is_no_chance_and_a_mixed_one_may_be():
    first = np.linspace(0.5, 0.9, 10)
    # All ten signed ranks on one side: 2 / 2^10.
    assert wilcoxon_p(first, first - np.linspace(0.01, 0.1, 10)) == pytest.approx(2 / 2**10)
    mixed = first + np.array([0.01, -0.02, 0.03, -0.04, 0.05, -0.06, 0.07, -0.08, 0.09, -0.1])
    assert wilcoxon_p(first, mixed) > 0.5


def test_equal_values_give_no_p_and_unequal_numbers_an_error():
    assert math.isnan(wilcoxon_p([0.5, 0.6], [0.5, 0.6]))
    with pytest.raises(ValueError, match="3 and 2"):
        wilcoxon_p([1, 2, 3], [1, 2])
