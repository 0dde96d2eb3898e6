from __future__ import annotations

import numpy as np

from medvos_lab.tcmn.mix import LEAPS, USUAL
from medvos_lab.tcmn.order import sample_order


def test_time_never_turns_back():
    fractions = sample_order(500, USUAL, np.random.default_rng(0)).numpy()
    assert fractions.shape == (500, 3) and fractions.min() >= 0 and fractions.max() <= 1
    steps = np.diff(fractions)
    assert ((steps >= -1e-6).all(1) | (steps <= 1e-6).all(1)).all()
    assert (np.abs(fractions[:, 2] - fractions[:, 0]) > 0).all()


def test_more_than_half_of_the_clips_go_all_the_way_and_half_of_those_from_es_to_ed():
    fractions = sample_order(2000, USUAL, np.random.default_rng(0)).numpy()
    whole = np.abs(fractions[:, 2] - fractions[:, 0]) > 0.999
    assert 0.55 < whole.mean() < 0.75
    assert 0.4 < (fractions[whole, 0] > 0.5).mean() < 0.6


def test_late_in_the_training_most_clips_leap():
    leaps = [
        (np.abs(np.diff(sample_order(2000, mix, np.random.default_rng(0)).numpy())[:, 0]) > 0.999).mean()
        for mix in (USUAL, LEAPS)
    ]
    assert leaps[0] < 0.3 and leaps[1] > 0.6
