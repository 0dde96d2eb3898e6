"""Areas of structures by the place of their border."""

from __future__ import annotations

import numpy as np
import pytest
from uncertain_heart import ERROR, RADII, RADIUS, a_result

from medvos.structures import LV, MYO, RV
from medvos.uncertainty.areas import DEVIATES, STATED, area_tables, slice_areas, stacked


def test_a_border_moves_by_its_standard_deviation():
    areas = slice_areas(a_result().labels[0, 0], a_result().uncertainty[0, 0])[LV]
    for deviate in (-2, -1, 0, 1, 2):
        expected = (RADII[0] + deviate * ERROR >= RADIUS).sum()
        assert areas[np.searchsorted(DEVIATES, deviate)] == pytest.approx(expected, rel=0.02)


def test_areas_rise_and_are_those_of_the_labels_in_the_middle():
    result = a_result()
    for label, areas in area_tables(result.labels, result.uncertainty).items():
        assert (np.diff(areas) >= 0).all()
        np.testing.assert_array_equal(areas[..., STATED], (result.labels == label).sum((2, 3)))


def test_what_is_sure_does_not_move():
    result = a_result(error=0)
    for areas in area_tables(result.labels, result.uncertainty).values():
        assert (areas == areas[..., :1]).all()


def test_a_doubtful_voxel_would_be_the_nearest_other_structure():
    labels = np.zeros((1, 9), np.uint8)
    labels[0, 1:4], labels[0, 4:7] = LV, MYO
    doubt = np.zeros((1, 9), np.float32)
    doubt[0, 4] = 0.4  # the wall's voxel at the cavity
    doubt[0, 7] = 0.4  # background at the wall
    areas = slice_areas(labels, doubt)
    assert (areas[LV][0], areas[LV][STATED], areas[LV][-1]) == (3, 3, 4)
    assert (areas[MYO][0], areas[MYO][STATED], areas[MYO][-1]) == (2, 3, 4)


def test_voxels_follow_in_the_order_of_their_uncertainty():
    labels = np.array([[RV, 0, 0, 0]], np.uint8)
    doubt = np.array([[0, 0.45, 0.2, 0.05]], np.float32)
    areas = slice_areas(labels, doubt)[RV]
    assert [areas[place < DEVIATES][0] for place in (0.0, 0.5, 1.0, 2.0)] == [2, 2, 3, 4]


def test_a_slice_without_labels_has_no_areas():
    assert slice_areas(np.zeros((5, 5), np.uint8), np.full((5, 5), 0.4, np.float32)) == {}


def test_a_slice_that_is_one_structure_has_nowhere_to_go():
    areas = slice_areas(np.full((4, 4), LV, np.uint8), np.full((4, 4), 0.3, np.float32))[LV]
    assert areas[-1] == areas[STATED] == 16
    assert areas[0] == 0


def test_a_structure_that_a_slice_lacks_has_area_zero_there():
    areas = stacked([[{LV: np.ones(25, np.float32)}, {RV: np.ones(25, np.float32)}]])
    assert list(areas) == [RV, LV]
    assert areas[LV].shape == (1, 2, 25) and not areas[LV][0, 1].any()
