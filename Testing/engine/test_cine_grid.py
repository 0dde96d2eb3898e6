"""Matching a label image to a grid through its affine."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from cine_files import SHORT_AXIS, normal

from medvos.cine.geometry import dicom_affine, flipped
from medvos.cine.grid import onto_grid

SHAPE = (3, 4, 5)
AFFINE = dicom_affine(np.array([5.0, 6, 7]), np.array(SHORT_AXIS), (1.5, 1.25), 8 * normal())
LABELS = np.random.default_rng(0).integers(0, 4, SHAPE).astype(np.uint8)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("reverse", list(itertools.product((False, True), repeat=3)))
def test_any_flip_and_order_of_axes_fits(order, reverse):
    array, affine = LABELS, AFFINE
    for axis, turn in enumerate(reverse):
        if turn:
            array, affine = np.flip(array, 2 - axis), flipped(affine, axis, SHAPE[2 - axis])
    array = array.T.transpose(order).T
    np.testing.assert_array_equal(onto_grid(array, affine[:, [*order, 3]], SHAPE, AFFINE), LABELS)


def test_phases_come_along():
    both = np.stack([LABELS, LABELS[::-1]])
    np.testing.assert_array_equal(onto_grid(both, AFFINE, SHAPE, AFFINE), both)


def test_one_slice_of_the_grid_is_put_in_its_place_whatever_its_thickness():
    affine = AFFINE.copy()
    affine[:3, 3] = (AFFINE @ [0, 0, 2, 1])[:3]
    affine[:3, 2] *= 0.3
    placed = onto_grid(LABELS[2:], affine, SHAPE, AFFINE)
    np.testing.assert_array_equal(placed[2], LABELS[2])
    assert not placed[:2].any()


def test_a_crop_is_put_in_its_place():
    affine = AFFINE.copy()
    affine[:3, 3] = (AFFINE @ [1, 2, 0, 1])[:3]
    placed = onto_grid(LABELS[:, 2:, 1:], affine, SHAPE, AFFINE)
    np.testing.assert_array_equal(placed[:, 2:, 1:], LABELS[:, 2:, 1:])
    assert not placed[:, :2].any() and not placed[:, :, :1].any()


@pytest.mark.parametrize("shift", [(0.5, 0, 0), (0, 0, 0.4), (-1, 0, 0), (0, 2, 0)])
def test_voxels_beside_or_beyond_the_grid_do_not_fit(shift):
    affine = AFFINE.copy()
    affine[:3, 3] = (AFFINE @ [*shift, 1])[:3]
    assert onto_grid(LABELS, affine, SHAPE, AFFINE) is None


def test_another_spacing_or_angle_does_not_fit():
    assert onto_grid(LABELS, AFFINE @ np.diag([1.1, 1, 1, 1]), SHAPE, AFFINE) is None
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(0.2), -np.sin(0.2)], [np.sin(0.2), np.cos(0.2)]]
    assert onto_grid(LABELS, AFFINE @ turn, SHAPE, AFFINE) is None


def test_the_rounding_of_a_file_still_fits():
    rounded = AFFINE.astype(np.float32).astype(float) + 1e-4
    np.testing.assert_array_equal(onto_grid(LABELS, rounded, SHAPE, AFFINE), LABELS)
