from __future__ import annotations

import numpy as np
import pytest

from MedVOSSegmentLib.scene.volume_grid import VolumeGrid, array_of, matrix_of


def a_grid(*, flipped: bool = False, slices_first: bool = False) -> VolumeGrid:
    """3 slices of 20 x 24 voxels, turned in the patient; the slice axis is k, or i."""
    rotation = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    rotation[:, 2] *= np.sign(np.linalg.det(rotation)) * (-1 if flipped else 1)
    affine = np.eye(4)
    affine[:3, :3] = rotation * (1.5, 1.5, 9.0)
    affine[:3, 3] = (12.0, -30.5, 77.25)
    if slices_first:
        return VolumeGrid((24, 20, 3), affine[:, [2, 0, 1, 3]])
    return VolumeGrid((3, 24, 20), affine)


def positions(affine: np.ndarray, size: tuple[int, int, int]) -> np.ndarray:
    """(K, J, I, 3) mm of every voxel of an array of `size`."""
    k, j, i = np.indices(size)
    return np.stack([i, j, k, np.ones(size)], -1) @ affine.T[:, :3]


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("slices_first", [False, True])
def test_every_voxel_keeps_its_place_in_the_patient(flipped: bool, slices_first: bool) -> None:
    grid = a_grid(flipped=flipped, slices_first=slices_first)
    of_node = positions(grid.ijk_to_ras, grid.size)
    of_cine = positions(grid.affine, grid.shape)
    for axis in range(3):
        np.testing.assert_allclose(grid.on_cine(of_node[..., axis]), of_cine[..., axis], atol=1e-9)


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("slices_first", [False, True])
def test_a_cine_has_its_slices_on_the_second_axis_in_the_order_of_their_normal(
    flipped: bool, slices_first: bool
) -> None:
    grid = a_grid(flipped=flipped, slices_first=slices_first)
    assert grid.shape == (3, 24, 20)
    assert np.linalg.det(grid.affine) > 0


def test_what_is_written_on_the_cine_is_written_on_the_node() -> None:
    grid = a_grid(flipped=True, slices_first=True)
    array = np.zeros(grid.size)
    grid.on_cine(array)[2, 5, 7] = 1
    assert array.sum() == 1


def test_grids_are_the_same_within_the_rounding_of_files() -> None:
    grid = a_grid()
    rounded = VolumeGrid(grid.size, np.round(grid.ijk_to_ras, 5))
    shifted = grid.ijk_to_ras.copy()
    shifted[0, 3] += 0.1
    assert grid.is_same(rounded)
    assert not grid.is_same(VolumeGrid(grid.size, shifted))
    assert not grid.is_same(VolumeGrid((3, 24, 21), grid.ijk_to_ras))


def test_matrices_keep_every_digit() -> None:
    affine = a_grid().affine
    np.testing.assert_array_equal(array_of(matrix_of(affine)), affine)
