"""The order of propagation."""

from __future__ import annotations

import numpy as np
import pytest

from medvos.propagation.slice_order import direction_weights, main_seed, sweeps, temporal_proximity
from medvos.structures import LV, MYO, RV


def drawn_at(phases: int, *places: int) -> np.ndarray:
    drawn = np.zeros(phases, bool)
    drawn[list(places)] = True
    return drawn


def test_the_main_seed_has_most_structures_then_most_voxels():
    labels = np.zeros((3, 3, 4, 4), np.uint8)
    labels[0, 0] = LV  # large, but one structure
    labels[1, 2, 0, :3] = (RV, MYO, LV)
    labels[2, 1, :2, :3] = (RV, MYO, LV)
    drawn = labels.any((2, 3))
    assert main_seed(labels, drawn) == (2, 1)
    labels[2, 1] = 0
    assert main_seed(labels, labels.any((2, 3))) == (1, 2)


def test_sweeps_go_outwards_to_both_ends():
    assert sweeps(2, 5) == [[3, 4], [1, 0]]
    assert sweeps(0, 3) == [[1, 2], []]
    assert sweeps(0, 1) == [[], []]


def test_shares_add_up_to_one_and_the_nearer_way_counts_more():
    forward, backward = direction_weights(8, 2, drawn_at(8, 2))
    np.testing.assert_allclose(forward + backward, 1)
    assert forward[2] == 0.5
    np.testing.assert_allclose(forward[3], 7 / 8)
    np.testing.assert_allclose(backward[1], 7 / 8)
    assert forward[6] == backward[6] == 0.5


def test_time_is_a_circle():
    for start in range(6):
        forward, _ = direction_weights(6, start, drawn_at(6, start))
        np.testing.assert_array_equal(np.roll(forward, -start), direction_weights(6, 0, drawn_at(6, 0))[0])


def test_a_way_starts_afresh_at_every_drawn_phase():
    forward, backward = direction_weights(8, 0, drawn_at(8, 0, 4))
    np.testing.assert_allclose(forward[:4], [0.5, 3 / 4, 2 / 4, 1 / 4])
    np.testing.assert_allclose(forward[4:], forward[:4])
    np.testing.assert_allclose(forward + backward, 1)


@pytest.mark.parametrize("phases", [1, 2])
def test_short_beats_are_shared_evenly(phases):
    forward, backward = direction_weights(phases, 0, drawn_at(phases, 0))
    assert forward.tolist() == backward.tolist() == [0.5] * phases


def test_temporal_proximity_falls_from_the_drawn_phases_to_half_a_beat_away():
    drawn = np.zeros(8, bool)
    drawn[1] = True
    assert temporal_proximity(drawn).tolist() == [0.75, 1, 0.75, 0.5, 0.25, 0, 0.25, 0.5]
    drawn[5] = True
    assert temporal_proximity(drawn).tolist() == [0.75, 1, 0.75, 0.5, 0.75, 1, 0.75, 0.5]
    assert temporal_proximity(np.array([False, True])).tolist() == [0, 1]
