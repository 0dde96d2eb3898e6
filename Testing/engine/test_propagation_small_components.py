"""Crumbs."""

from __future__ import annotations

import numpy as np

from medvos.propagation.small_components import remove_small_components


def test_small_parts_go_and_large_parts_stay():
    labels = np.zeros((20, 20), np.uint8)
    labels[:10, :10] = 1
    labels[12:17, 12:17] = 1  # a quarter of the largest
    labels[19, 0] = 1
    labels[0, 19] = 7  # the only part of its structure
    expected = labels.copy()
    expected[19, 0] = 0
    before = labels.copy()
    np.testing.assert_array_equal(remove_small_components(labels), expected)
    np.testing.assert_array_equal(labels, before)


def test_an_empty_map_stays_empty():
    assert not remove_small_components(np.zeros((5, 5), np.uint8)).any()


def test_a_crumb_becomes_what_surrounds_it():
    labels = np.full((12, 12), 3, np.uint8)
    labels[:4] = 2
    labels[8, 8] = 2  # a crumb of muscle in the cavity leaves no hole there
    assert remove_small_components(labels)[8, 8] == 3
