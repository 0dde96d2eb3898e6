"""Tabulate the area of a structure as its border moves outwards or inwards as a whole."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

# Border positions of the table as standard normal deviates: 0 is the border of the labels, positive is outwards.
DEVIATES = np.linspace(-3.0, 3.0, 25)
STATED = len(DEVIATES) // 2
# A border at d standard deviations has passed the voxels whose label is wrong with at least this probability.
PASSED = np.array([math.erfc(abs(deviate) / math.sqrt(2)) / 2 for deviate in DEVIATES])


def area_tables(labels: NDArray[np.uint8], uncertainty: NDArray[np.float32]) -> dict[int, NDArray[np.float32]]:
    """Compute `slice_areas` of every slice and phase.

    >>> area_tables(result.labels, result.uncertainty)[LV].shape  # doctest: +SKIP
    (30, 10, 25)

    Parameters
    ----------
    labels: (T, Z, Y, X) label map.
    uncertainty: (T, Z, Y, X), 0 certain to 1.

    Returns
    -------
    As `stacked` returns it.
    """
    phases, slices = labels.shape[:2]
    return stacked([[slice_areas(labels[t, z], uncertainty[t, z]) for z in range(slices)] for t in range(phases)])


def stacked(slices: Sequence[Sequence[Mapping[int, NDArray[np.float32]]]]) -> dict[int, NDArray[np.float32]]:
    """Return label number to (T, Z, D) areas, from those of each slice, ``slices[t][z]``."""
    nothing = np.zeros(len(DEVIATES), np.float32)
    labels = sorted({label for row in slices for areas in row for label in areas})
    return {label: np.array([[areas.get(label, nothing) for areas in row] for row in slices]) for label in labels}


def slice_areas(labels: NDArray[np.uint8], uncertainty: NDArray[np.float32]) -> dict[int, NDArray[np.float32]]:
    """Compute the area of every structure of one slice for every position of its border.

    A voxel's uncertainty is the probability that its label is wrong; the alternative is the nearest other label. The
    errors of a slice are assumed fully dependent, the most uncertain voxels first, so that the border moves as a whole;
    each voxel then belongs to the structure with exactly the probability that its uncertainty states.

    Parameters
    ----------
    labels: (Y, X).
    uncertainty: (Y, X), 0 certain to 1.

    Returns
    -------
    Label number to (D,) areas in voxels at `DEVIATES`, rising; at 0 they are those of the labels.
    """
    if not labels.any():
        return {}
    unsure = uncertainty >= PASSED[0]
    box = _box(unsure | (labels > 0))
    labels, uncertainty, unsure = labels[box], uncertainty[box], unsure[box]
    instead = _nearest_other(labels) if unsure.any() else labels
    areas = {}
    for label in _present(labels):
        if label:
            own = labels == label
            lost = _passed(uncertainty[unsure & own])
            gained = _passed(uncertainty[unsure & (instead == label) & ~own])
            change = np.where(DEVIATES > 0, gained, 0) - np.where(DEVIATES < 0, lost, 0)
            areas[label] = (np.count_nonzero(own) + change).astype(np.float32)
    return areas


def _passed(uncertainty: NDArray[np.float32]) -> NDArray[np.intp]:
    """Count (D,) the voxels (N,) that the border has passed."""
    return len(uncertainty) - np.searchsorted(np.sort(uncertainty), PASSED)


def _present(labels: NDArray[np.uint8]) -> list[int]:
    return [int(label) for label in np.flatnonzero(np.bincount(labels.ravel()))]


def _nearest_other(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (Y, X), the nearest other label of each voxel; its own if there is no other."""
    from scipy import ndimage

    other = labels.copy()
    for label in _present(labels):
        own = labels == label
        if not own.all():
            rows, cols = ndimage.distance_transform_edt(own, return_distances=False, return_indices=True)
            other[own] = labels[rows[own], cols[own]]
    return other


def _box(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the bounding box (Y, X) of ``mask``."""
    rows, cols = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1)
