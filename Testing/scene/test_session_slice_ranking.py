from __future__ import annotations

import numpy as np
import pytest

from MedVOSSegmentLib.session.slice_ranking import neighbour, worst_first


def test_the_worst_slices_come_first_and_settled_ones_not_at_all():
    scores = np.array([[0.1, 0.9], [0.5, 0.7]], np.float32)
    settled = np.array([[False, True], [False, False]])
    worst = worst_first(scores, settled)
    assert [place for *place, _ in worst] == [[1, 1], [1, 0], [0, 0]]
    assert worst[0][2] == pytest.approx(0.7)


def test_equal_scores_keep_their_order():
    worst = worst_first(np.zeros((2, 2), np.float32), np.zeros((2, 2), bool))
    assert [place for *place, _ in worst] == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_nothing_is_left_when_all_is_settled():
    assert worst_first(np.ones((2, 2), np.float32), np.ones((2, 2), bool)) == []


RANKED = [(4, 1, 0.9), (3, 1, 0.7), (2, 2, 0.4)]


def test_a_walk_begins_with_the_worst_and_goes_round():
    assert neighbour(RANKED, None, None, 1) == RANKED[0]
    assert neighbour(RANKED, (4, 1), 0.9, 1) == RANKED[1]
    assert neighbour(RANKED, (2, 2), 0.4, 1) == RANKED[0]
    assert neighbour(RANKED, (4, 1), 0.9, -1) == RANKED[2]
    assert neighbour([], (4, 1), 0.9, 1) is None


def test_a_slice_that_was_accepted_leaves_its_place_in_the_walk():
    left = [RANKED[0], RANKED[2]]
    assert neighbour(left, (3, 1), 0.7, 1) == RANKED[2]
    assert neighbour(left, (3, 1), 0.7, -1) == RANKED[0]
    assert neighbour(left[:1], (3, 1), 0.7, 1) == RANKED[0]
