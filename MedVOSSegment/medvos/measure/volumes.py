"""Volumes over the heart beat by slice summation (the method of disks)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.structures import BACKGROUND, name_of

MM3_PER_ML = 1000.0


def volume_curves(labels: NDArray[np.uint8], affine: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Volume of every structure at every phase.

    Each slice stands for a slab as thick as the distance between slice centres, so that a gap between slices is
    shared by its two neighbours and what overlaps is counted once. The first and the last slice stand for a whole slab
    too: half of it lies outside the stack of centres, as half of the heart's end does on average. Whether a basal or
    apical slice belongs to the ventricle is for the labels to say. The voxel's volume is the determinant of the affine,
    which stays right when slices are stacked obliquely.

    Parameters
    ----------
    labels: (T, Z, Y, X) label map.
    affine: (4, 4) voxel index (x, y, z, 1) to mm.

    Returns
    -------
    Structure name to (T,) volume in mL, in the order of the label numbers. A phase without any label is NaN: it was
    not segmented, which is not the same as a heart without volume.
    """
    voxel_ml = abs(float(np.linalg.det(affine[:3, :3]))) / MM3_PER_ML
    counts = np.stack([np.bincount(phase.ravel(), minlength=256) for phase in labels]).astype(np.float64)  # (T, 256)
    counts[:, BACKGROUND] = 0
    present = np.flatnonzero(counts.any(axis=0))
    counts[~counts.any(axis=1)] = np.nan
    return {name_of(int(label)): counts[:, label] * voxel_ml for label in present}


def slice_counts(labels: NDArray[np.uint8]) -> dict[str, NDArray[np.int_]]:
    """Structure name to the (T,) number of slices that carry its label, of a (T, Z, Y, X) label map."""
    present = [int(label) for label in np.unique(labels) if label != BACKGROUND]
    return {name_of(label): (labels == label).any(axis=(2, 3)).sum(axis=1) for label in present}
