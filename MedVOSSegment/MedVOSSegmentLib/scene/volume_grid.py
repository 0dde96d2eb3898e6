"""The voxel grid of volume nodes, and the order of axes of the same voxels in a cine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.geometry import Affine, along_normal, slice_axis_last

# Scanners and file formats round positions to about a micrometre.
TOLERANCE_MM = 1e-2


@dataclass(frozen=True)
class VolumeGrid:
    """The voxels of a volume node: `size` (K, J, I) as its array has them, `ijk_to_ras` (4, 4) from index to mm.

    A cine has its slices on the second axis, sorted along their normal; a node may have them on any axis.
    """

    size: tuple[int, int, int]
    ijk_to_ras: Affine

    @classmethod
    def of_volume(cls, volume: Any) -> VolumeGrid:
        """Return the grid of a vtkMRMLVolumeNode that holds an image."""
        import vtk

        matrix = vtk.vtkMatrix4x4()
        volume.GetIJKToRASMatrix(matrix)
        i, j, k = volume.GetImageData().GetDimensions()
        return cls((k, j, i), array_of(matrix))

    def on_cine(self, array: NDArray) -> NDArray:
        """Return a view of `array` (..., K, J, I) in the cine's order (..., Z, Y, X), writable if `array` is."""
        return self._turned(array)[0] if self._is_turned else array

    @cached_property
    def affine(self) -> Affine:
        """The cine's affine, voxel (x, y, z) to mm in RAS."""
        return self._turned(np.empty(self.size, np.bool_))[1]

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """(Z, Y, X) of the cine."""
        z, y, x = self._turned(np.empty(self.size, np.bool_))[0].shape
        return z, y, x

    def is_same(self, other: VolumeGrid) -> bool:
        """Return whether all voxels have the same positions as the other's, within the rounding of files."""
        if self.size != other.size:
            return False
        if np.array_equal(self.ijk_to_ras, other.ijk_to_ras):
            return True
        corners = np.array(
            [[i, j, k, 1] for k in (0, self.size[0]) for j in (0, self.size[1]) for i in (0, self.size[2])]
        )
        return bool(np.abs(corners @ (self.ijk_to_ras - other.ijk_to_ras).T).max() < TOLERANCE_MM)

    @cached_property
    def _is_turned(self) -> bool:
        """Whether the cine has other axes, or another order of slices."""
        probe = np.empty(self.size, np.bool_)
        return self._turned(probe)[0] is not probe

    def _turned(self, array: NDArray) -> tuple[NDArray, Affine]:
        return along_normal(*slice_axis_last(array, self.ijk_to_ras))


def array_of(matrix: Any) -> Affine:
    """Return a vtkMatrix4x4 as a (4, 4) float64 array."""
    return np.array(matrix.GetData(), np.float64).reshape(4, 4)


def matrix_of(affine: Affine) -> Any:
    """Return a (4, 4) array as a vtkMatrix4x4."""
    import vtk

    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(np.asarray(affine, float).ravel().tolist())
    return matrix
