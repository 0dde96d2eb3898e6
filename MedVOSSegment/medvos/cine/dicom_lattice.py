"""Where slices lie along their normal: steps, the nearest place, and whether all together are one even stack."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_slices import SAME_PLACE_MM, Slice

# In steps, how far a slice may be off an even lattice.
ON_LATTICE = 0.1
# Part of a slice's thickness: slices of one stack lie at least so far apart. Two filmings of slices that touch, or have
# the usual gaps between them, overlap more than that.
SIDE_BY_SIDE = 0.85
# Assumed where no header has the thickness.
_USUAL_THICKNESS_MM = 6.0
_OTHER_THICKNESS = 0.2
_FEWEST = 3


def depths(slices: Sequence[Slice], normal: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Position (n,) of each slice along `normal`, in mm; along that of the first one, where none is given."""
    normal = slices[0].normal if normal is None else normal
    return np.array([slice_.position @ normal for slice_ in slices])


def offset(slice_: Slice, stack: Sequence[Slice]) -> float:
    """Return how far along the normal a slice is from the nearest of others, in mm."""
    return float(np.abs(depths([slice_], stack[0].normal) - depths(stack)).min())


def step_of(slices: Sequence[Slice]) -> float:
    """The usual distance in mm between neighbours along the normal, 0 for a single slice."""
    gaps = np.diff(np.sort(depths(slices)))
    gaps = gaps[gaps > 2 * SAME_PLACE_MM]
    return float(np.median(gaps)) if len(gaps) else 0.0


def thickness_of(slices: Sequence[Slice]) -> float | None:
    """The usual thickness of slices in mm, None where no header has it."""
    known = [mm for slice_ in slices if (mm := slice_.first.protocol.thickness)]
    return float(np.median(known)) if known else None


def on_lattice(lengths: NDArray[np.float64], step: float) -> bool:
    """Return whether every length is a whole number of steps."""
    return bool(step > 0 and (np.abs(lengths / step - np.round(lengths / step)) < ON_LATTICE).all())


def fits(slice_: Slice, stack: Sequence[Slice]) -> bool:
    """Return whether a slice lies a whole number of steps from those of a stack."""
    return on_lattice(depths([slice_], stack[0].normal) - depths([stack[0]]), step_of(stack))


def same_place_mm(slices: Sequence[Slice]) -> float:
    """Return within how many mm slices are at one place: a part of the step between slices that do not overlap."""
    thickness = thickness_of(slices) or 0.0
    gaps = np.diff(np.sort(depths(slices)))
    gaps = gaps[gaps > max(2 * SAME_PLACE_MM, thickness / 2)]
    return max(2 * SAME_PLACE_MM, ON_LATTICE * float(np.median(gaps))) if len(gaps) else 2 * SAME_PLACE_MM


def are_one_stack(slices: Sequence[Slice], uneven: float = 0.0) -> bool:
    """Return whether slices, one for each place, lie side by side at even distances, and none overlaps another.

    Of the gaps between them the part `uneven` may be off by a breath.
    """
    if len(slices) < _FEWEST:
        return False
    gaps = np.diff(np.sort(depths(slices)))
    step = float(np.median(gaps))
    if gaps.min() < SIDE_BY_SIDE * (thickness_of(slices) or _USUAL_THICKNESS_MM):
        return False
    off = np.abs(gaps / step - np.round(gaps / step)) >= ON_LATTICE
    return bool(off.mean() <= uneven)
