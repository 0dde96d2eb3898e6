"""Copy an image onto the grid of another when both share one voxel lattice, whatever the order of their axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.cine.geometry import Affine

# A corner voxel farther than this from a voxel of the other grid is on another grid. Larger than the shear of a stack
# (`medvos.cine.dicom_stack`), smaller than half a voxel.
TOLERANCE_VOXELS = 0.3


def onto_grid(array: NDArray, affine: Affine, target_shape: tuple[int, int, int], target: Affine) -> NDArray | None:
    """Copy `array` (..., Z, Y, X) into zeros of `target_shape` (Z, Y, X), voxel by voxel, or None if they do not fit.

    Axes may be flipped or permuted and the image may cover only a part of the target.
    """
    sizes = array.shape[:-4:-1]  # x, y, z
    to_target = np.linalg.inv(target) @ affine
    order = _matching_axes(to_target[:3, :3], sizes)
    if order is None:
        return None
    first = to_target @ np.array([0, 0, 0, 1.0])
    last = to_target @ np.array([*(n - 1 for n in sizes), 1.0])
    aligned = np.zeros((4, 4))
    for source, dest in enumerate(order):
        aligned[dest, source] = np.sign(to_target[dest, source]) or 1.0
    aligned[:3, 3] = np.round(first[:3])
    if _worst_corner(to_target, aligned, sizes) > TOLERANCE_VOXELS:
        return None
    ends = np.sort([np.round(first[:3]), np.round(last[:3])], axis=0).astype(int)
    if (ends[0] < 0).any() or (ends[1] >= target_shape[::-1]).any():
        return None
    for source, dest in enumerate(order):
        if aligned[dest, source] < 0:
            array = np.flip(array, axis=-1 - source)
    # Axis -1 - dest of the result is axis -1 - source of the image.
    leading = array.ndim - 3
    permutation = [leading + 2 - order.index(dest) for dest in (2, 1, 0)]
    array = array.transpose([*range(leading), *permutation])
    result = np.zeros((*array.shape[:leading], *target_shape), array.dtype)
    z, y, x = (slice(ends[0][axis], ends[1][axis] + 1) for axis in (2, 1, 0))
    result[..., z, y, x] = array
    return result


def _matching_axes(linear: NDArray[np.float64], sizes: tuple[int, ...]) -> list[int] | None:
    """The target's axis along which each axis (x, y, z) of the image runs; an axis of one voxel takes what is left."""
    order = [-1, -1, -1]
    for source in sorted(range(3), key=lambda axis: sizes[axis] == 1):
        free = [axis for axis in range(3) if axis not in order]
        order[source] = max(free, key=lambda axis: abs(linear[axis, source]))
    return order if sorted(order) == [0, 1, 2] else None


def _worst_corner(exact: Affine, aligned: Affine, sizes: tuple[int, ...]) -> float:
    """Largest distance in voxels, over the image's corners and axes, between the exact and the aligned position."""
    corners = np.array(
        [[x, y, z, 1.0] for x in (0, sizes[0] - 1) for y in (0, sizes[1] - 1) for z in (0, sizes[2] - 1)]
    )
    return float(np.abs((corners @ (exact - aligned).T)[:, :3]).max())
