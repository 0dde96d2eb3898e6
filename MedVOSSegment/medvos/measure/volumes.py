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
    return volumes_of(label_counts(labels), affine)


def voxel_ml(affine: NDArray[np.float64]) -> float:
    """Return the volume of a voxel in mL of a grid with this (4, 4) affine in mm, gaps between slices included.

    >>> voxel_ml(np.diag([1.0, 1.0, 10.0, 1.0]))
    0.01
    """
    return abs(float(np.linalg.det(affine[:3, :3]))) / MM3_PER_ML


def label_counts(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(T, Z, 256) voxels of each label in each slice of a (T, Z, Y, X) label map, 0 for the background."""
    rows = labels.reshape(labels.shape[0] * labels.shape[1], -1)
    counts = np.stack([np.bincount(row, minlength=256) for row in rows]).reshape(*labels.shape[:2], 256)
    counts[..., BACKGROUND] = 0
    return counts


def volumes_of(slice_counts: NDArray[np.int64], affine: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Like `volume_curves`, from the `label_counts`."""
    voxel = voxel_ml(affine)
    counts = slice_counts.sum(axis=1).astype(np.float64)  # (T, 256)
    present = np.flatnonzero(counts.any(axis=0))
    counts[~counts.any(axis=1)] = np.nan
    return {name_of(int(label)): counts[:, label] * voxel for label in present}


def filled_slices(slice_counts: NDArray[np.int64]) -> dict[str, NDArray[np.int_]]:
    """Structure name to the (T,) number of slices that carry its label, from the `label_counts`."""
    present = np.flatnonzero(slice_counts.any(axis=(0, 1)))
    return {name_of(int(label)): (slice_counts[..., label] > 0).sum(axis=1) for label in present}


def skipped_slices(slice_counts: NDArray[np.int64]) -> NDArray[np.int_]:
    """(T,) number of slices without any label between labelled ones, from the `label_counts`."""
    filled = np.asarray(slice_counts.any(axis=2))  # (T, Z)
    begun = filled.cumsum(axis=1) > 0
    not_ended = filled[:, ::-1].cumsum(axis=1)[:, ::-1] > 0
    return np.asarray((begun & not_ended & ~filled).sum(axis=1))
