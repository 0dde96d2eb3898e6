"""Compute volumes over the cardiac cycle by slice summation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.structures import BACKGROUND, LV, MVO, MYO, RV, name_of

MM3_PER_ML = 1000.0
HEART = [RV, MYO, LV, MVO]  # structures of the reader's own lie anywhere


def volume_curves(labels: NDArray[np.uint8], affine: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Compute the volume of every structure at every phase.

    Each slice represents a slab as thick as the distance between slice centres: a gap between slices is divided between
    its two neighbours, and an overlap is counted once. This holds for the first and the last slice too. Whether a basal
    or apical slice belongs to the ventricle depends on the labels alone. The voxel volume is the determinant of the
    affine, which is correct for slices stacked obliquely too.

    Parameters
    ----------
    labels: (T, Z, Y, X) label map.
    affine: (4, 4) voxel index (x, y, z, 1) to mm.

    Returns
    -------
    Structure name to (T,) volume in mL, in the order of the label numbers; NaN at a phase without any label, which was
    not segmented.
    """
    return volumes_of(label_counts(labels), affine)


def voxel_ml(affine: NDArray[np.float64]) -> float:
    """Return the volume of a voxel in mL of a grid with this (4, 4) affine in mm, gaps between slices included.

    >>> round(voxel_ml(np.diag([1.5, 1.5, 8.0, 1.0])), 6)
    0.018
    """
    return abs(float(np.linalg.det(affine[:3, :3]))) / MM3_PER_ML


def label_counts(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count the voxels (T, Z, 256) of each label in each slice of a (T, Z, Y, X) label map; 0 for the background."""
    rows = labels.reshape(labels.shape[0] * labels.shape[1], -1)
    # Most voxels are background, and counting them takes as long as counting others.
    counts = np.stack([np.bincount(row[row != BACKGROUND], minlength=256) for row in rows])
    counts = counts.reshape(*labels.shape[:2], 256)
    return counts


def volumes_of(slice_counts: NDArray[np.int64], affine: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Compute `volume_curves` from the `label_counts`."""
    voxel = voxel_ml(affine)
    counts = slice_counts.sum(axis=1).astype(np.float64)  # (T, 256)
    present = np.flatnonzero(counts.any(axis=0))
    counts[~counts.any(axis=1)] = np.nan
    return {name_of(int(label)): counts[:, label] * voxel for label in present}


def filled_slices(slice_counts: NDArray[np.int64]) -> dict[str, NDArray[np.int_]]:
    """Count the slices (T,) with each structure's label, from the `label_counts`; by structure name."""
    present = np.flatnonzero(slice_counts.any(axis=(0, 1)))
    return {name_of(int(label)): (slice_counts[..., label] > 0).sum(axis=1) for label in present}


def skipped_slices(slice_counts: NDArray[np.int64]) -> NDArray[np.int_]:
    """Count the slices (T,) without any label of the heart between slices that have one, from the `label_counts`."""
    filled = np.asarray(slice_counts[..., HEART].any(axis=2))  # (T, Z)
    begun = filled.cumsum(axis=1) > 0
    not_ended = filled[:, ::-1].cumsum(axis=1)[:, ::-1] > 0
    return np.asarray((begun & not_ended & ~filled).sum(axis=1))
