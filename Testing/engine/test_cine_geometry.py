"""Affines, flips and the words for directions."""

from __future__ import annotations

import numpy as np
import pytest
from cine_files import SHORT_AXIS, normal

from medvos.cine.geometry import along_normal, dicom_affine, direction_name, flipped, normal_of, slice_axis_last


def an_oblique_affine() -> np.ndarray:
    return dicom_affine(np.array([5.0, 6, 7]), np.array(SHORT_AXIS), (1.5, 1.25), 8 * normal())


def test_dicom_positions_become_right_anterior_superior():
    affine = dicom_affine(np.array([5.0, 6, 7]), np.array([1.0, 0, 0, 0, 1, 0]), (2.0, 3.0), np.array([0, 0, 4.0]))
    np.testing.assert_array_equal(affine, [[-3, 0, 0, -5], [0, -2, 0, -6], [0, 0, 4, 7], [0, 0, 0, 1]])


def test_the_normal_is_a_unit_vector_at_right_angles():
    found = normal_of(np.array(SHORT_AXIS))
    assert np.linalg.norm(found) == pytest.approx(1)
    assert abs(found @ SHORT_AXIS[:3]) < 1e-3


def test_a_flip_keeps_every_voxel_where_it_is():
    affine = an_oblique_affine()
    np.testing.assert_allclose(flipped(affine, 2, 5) @ [1, 2, 0, 1], affine @ [1, 2, 4, 1])


def test_slices_against_the_normal_are_reversed_and_those_along_it_kept():
    affine, array = an_oblique_affine(), np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    kept, same = along_normal(array, affine)
    assert kept is array and same is affine
    turned, its_affine = along_normal(array[:, ::-1], flipped(affine, 2, 3))
    np.testing.assert_array_equal(turned, array)
    np.testing.assert_allclose(its_affine, affine, atol=1e-12)


def test_slices_stored_along_another_axis_are_found_by_their_spacing():
    affine = np.diag([8.0, 1.5, 1.5, 1])
    array = np.arange(2 * 4 * 5 * 3).reshape(2, 4, 5, 3)
    moved, its_affine = slice_axis_last(array, affine)
    assert moved.shape == (2, 3, 4, 5)
    # Voxel (x 1, y 2, z 0) is now (x 2, y 0, z 1): same value, same place.
    assert moved[0, 1, 0, 2] == array[0, 0, 2, 1]
    np.testing.assert_array_equal(its_affine @ [2, 0, 1, 1], affine @ [1, 2, 0, 1])


def test_pixels_that_are_not_square_are_not_taken_for_slices():
    affine, array = np.diag([3.0, 1.5, 1.5, 1]), np.zeros((2, 3, 4, 5))
    kept, same = slice_axis_last(array, affine)
    assert kept is array and same is affine


def test_directions_have_names():
    assert direction_name(np.array([-0.8, 0.5, -0.1])) == "left-anterior"
