"""Folds of a cross-validation by patient."""

from __future__ import annotations

from collections import Counter

import pytest

from medvos_lab.folds import USUAL, folds_of, number_of


@pytest.mark.parametrize("count", [2, 5, 10])
def test_every_patient_is_in_one_fold_and_one_of_its_halves(count):
    folds = folds_of(count)
    for number in range(1, 101):
        (mine,) = [fold for fold in folds if fold.has(f"patient{number:03}")]
        assert mine.half(number) in (0, 1)
    for group in range(0, 100, 20):  # ACDC numbers its groups one after another
        numbers = range(group + 1, group + 21)
        halves = Counter((n % count, folds[n % count].half(n)) for n in numbers)
        assert len(halves) == 2 * count and max(halves.values()) - min(halves.values()) <= 1


def test_the_usual_fold_has_the_validation_patients_and_its_halves_are_their_last_digits():
    numbers = [n for n in range(1, 101) if USUAL.has(f"patient{n:03}")]
    assert numbers == [n for n in range(1, 101) if n % 10 in (4, 9)]
    assert all((USUAL.half(n) == USUAL.half(4)) == (n % 10 == 4) for n in numbers)


def test_the_number_is_in_the_name():
    assert (number_of("patient009"), number_of("Case_P074")) == (9, 74)
