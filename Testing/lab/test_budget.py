"""How long a training lasts."""

from __future__ import annotations

from itertools import islice

import pytest

from medvos_lab.budget import Budget


def test_steps_end_a_training_whatever_its_time():
    budget = Budget(steps=4)
    assert [budget.progress(step, 1e9) for step in range(5)] == [0, 0.25, 0.5, 0.75, 1]
    assert [budget.ended(step, 0) for step in (3, 4, 5)] == [False, True, True]
    assert list(budget.steps_from(2)) == [2, 3]
    assert str(budget) == "4 steps"


def test_minutes_end_a_training_whatever_its_steps():
    budget = Budget(minutes=2)
    assert [budget.progress(10**6, seconds) for seconds in (0, 30, 120, 125)] == [0, 0.25, 1, 1]
    assert [budget.ended(0, seconds) for seconds in (119, 120)] == [False, True]
    assert list(islice(budget.steps_from(5), 3)) == [5, 6, 7]
    assert (str(budget), str(Budget(minutes=0.5))) == ("2 min", "0.5 min")


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (Budget(steps=2200), "step 550 of 2200, about 180 min left"),
        (Budget(minutes=100), "step 550, about 40 min left"),
        (Budget(steps=550), "step 550 of 550, about 0 min left"),
    ],
)
def test_the_remaining_minutes_are_described(budget, expected):
    assert budget.remaining(550, 3600) == expected


@pytest.mark.parametrize("given", [{}, {"steps": 3, "minutes": 2.0}])
def test_a_budget_is_of_steps_or_of_minutes(given):
    with pytest.raises(ValueError, match="steps or of minutes"):
        Budget(**given)
