"""The order of slices in the scene and in the engine, which lets them follow the slice normal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.geometry import flipped, slice_axis_last
from medvos.errors import InputError


@dataclass(frozen=True)
class SliceOrder:
    """How to go from one order to the other, which is the same both ways."""

    slices: int
    reversed: bool

    @staticmethod
    def between(cine: Cine) -> SliceOrder:
        """Raises InputError where the third axis of ``cine`` is not that of its slices."""
        if slice_axis_last(cine.array, cine.affine)[0] is not cine.array:
            raise InputError("The slices of this cine lie along its rows or columns: load it from its DICOM files.")
        return SliceOrder(cine.shape[1], bool(np.linalg.det(cine.affine[:3, :3]) < 0))

    def number(self, z: int) -> int:
        """Slice ``z`` of one is this slice of the other."""
        return self.slices - 1 - z if self.reversed else z

    def of(self, array: NDArray, axis: int) -> NDArray:
        """``array`` with its slices, along ``axis``, in the other order."""
        return np.flip(array, axis) if self.reversed else array

    def affine(self, affine: NDArray[np.float64]) -> NDArray[np.float64]:
        """The affine (4, 4) of an array in the other order."""
        return flipped(affine, 2, self.slices) if self.reversed else affine
