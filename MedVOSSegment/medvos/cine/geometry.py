"""Positions of voxels in the patient: affines from DICOM geometry, and slices sorted along their normal.

Affines map a voxel index (x, y, z, 1) to mm in RAS+ axes (NIfTI); DICOM positions and directions are LPS+.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Affine = NDArray[np.float64]
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def normal_of(orientation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the unit normal (3,) of a slice whose ImageOrientationPatient (6,) is `orientation`, in the same axes."""
    normal = np.cross(orientation[:3], orientation[3:])
    return normal / np.linalg.norm(normal)


def dicom_affine(
    position: NDArray[np.float64],
    orientation: NDArray[np.float64],
    pixel_spacing: tuple[float, float],
    step: NDArray[np.float64],
) -> Affine:
    """Return the RAS affine (4, 4) of a stack, all arguments in LPS and mm.

    `position` (3,) is the first voxel's centre, `orientation` (6,) the row's then the column's direction,
    `pixel_spacing` (between rows, between columns) as DICOM has it, `step` (3,) from one slice to the next.
    """
    affine = np.eye(4)
    affine[:3, 0] = orientation[:3] * pixel_spacing[1]
    affine[:3, 1] = orientation[3:] * pixel_spacing[0]
    affine[:3, 2] = step
    affine[:3, 3] = position
    return LPS_TO_RAS @ affine


def flipped(affine: Affine, axis: int, size: int) -> Affine:
    """Return the affine after reversing the order of voxels along `axis` (0 x, 1 y, 2 z) of `size` voxels."""
    reverse = np.eye(4)
    reverse[axis, axis] = -1
    reverse[axis, 3] = size - 1
    return affine @ reverse


class HasPosition(Protocol):
    """Anything with a place in the patient, such as a DICOM frame or slice."""

    @property
    def position(self) -> NDArray[np.float64]:
        """Centre of its first voxel (3,) in mm."""


Placed = TypeVar("Placed", bound=HasPosition)


def sort_along_normal(items: Iterable[Placed], normal: NDArray[np.float64]) -> list[Placed]:
    """Return items in the order of their positions along a slice normal (3,), in the same axes.

    >>> ordered = sort_along_normal(slices, normal_of(slices[0].first.orientation))
    """
    return sorted(items, key=lambda item: float(item.position @ normal))


def along_normal(array: NDArray, affine: Affine) -> tuple[NDArray, Affine]:
    """Order the slices of `array` (..., Z, Y, X) so that z increases along cross(x axis, y axis)."""
    if np.linalg.det(affine[:3, :3]) > 0:
        return array, affine
    return np.flip(array, axis=-3), flipped(affine, 2, array.shape[-3])


def slice_axis_last(array: NDArray, affine: Affine) -> tuple[NDArray, Affine]:
    """Move the axis with clearly the coarsest spacing and the fewest voxels to the slice axis of (..., Z, Y, X).

    Some programs store a short-axis stack with its slices along the first or second axis.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    coarsest = int(np.argmax(spacing))
    others = np.delete(spacing, coarsest)
    sizes = array.shape[:-4:-1]
    if coarsest == 2 or spacing[coarsest] < 1.5 * others.max() or sizes[coarsest] > min(sizes):
        return array, affine
    array = np.moveaxis(array, -1 - coarsest, -3)
    columns = [axis for axis in range(3) if axis != coarsest] + [coarsest, 3]
    return array, affine[:, columns]


def direction_name(direction: NDArray[np.float64]) -> str:
    """Return words for a RAS direction (3,), strongest component first, such as ``left-anterior-inferior``."""
    names = (("left", "right"), ("posterior", "anterior"), ("inferior", "superior"))
    unit = direction / np.linalg.norm(direction)
    order = [axis for axis in np.argsort(-np.abs(unit)) if abs(unit[axis]) > 0.2]
    return "-".join(names[axis][int(unit[axis] > 0)] for axis in order)
