"""Remove what is taken for RV on the other side of the LV than the drawn RV."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medvos.structures import LV, MYO, RV

Point = NDArray[np.float64]
LEAST_RV = 0.1  # of the LV and its wall, which must be drawn of the RV
BEYOND = -0.5  # cosine between the drawn side and a part that lies beyond the LV


def side_of_rv(drawn: NDArray[np.uint8]) -> Point | None:
    """Return the direction (y, x) from the LV to the RV in a drawn slice (Y, X), of length 1.

    None where one of them is not drawn, or too little of the RV to tell its side.
    """
    left, right = (drawn == LV) | (drawn == MYO), drawn == RV
    if not left.any() or right.sum() < LEAST_RV * left.sum():
        return None
    away = _middle(right) - _middle(left)
    return np.asarray(away / max(float(np.linalg.norm(away)), 1e-9))


def without_far_rv(labels: NDArray[np.uint8], side: Point | None) -> NDArray[np.uint8]:
    """Return a slice (Y, X) without the parts of the RV that lie on the other side of the LV than ``side``.

    Beside the lateral wall lie other bright structures. A part goes only where a larger one stays on the drawn side:
    the only RV of a slice, and what is merely beside the LV, is not touched.

    >>> without_far_rv(np.array([[1, 1, 1, 0, 2, 0, 1, 1]], np.uint8), np.array([0.0, -1.0]))
    array([[1, 1, 1, 0, 2, 0, 0, 0]], dtype=uint8)
    """
    left = (labels == LV) | (labels == MYO)
    if side is None or not left.any() or not (labels == RV).any():
        return labels
    parts, count = ndimage.label(labels == RV)
    if count < 2:
        return labels
    sizes = np.bincount(parts.ravel())[1:]
    away = [_middle(parts == n) - _middle(left) for n in range(1, count + 1)]
    towards = np.array([each @ side / max(float(np.linalg.norm(each)), 1e-9) for each in away])  # cosines
    largest = sizes[towards > 0].max(initial=0)
    far = np.flatnonzero((towards < BEYOND) & (sizes < largest)) + 1
    return np.where(np.isin(parts, far), np.uint8(0), labels) if len(far) else labels


def _middle(mask: NDArray[np.bool_]) -> Point:
    return np.asarray(np.argwhere(mask).mean(axis=0))
