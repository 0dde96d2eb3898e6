"""Remove what is taken for RV on the other side of the LV than the drawn RV."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medvos.structures import LV, MYO, RV

Point = NDArray[np.float64]


def side_of_rv(drawn: NDArray[np.uint8]) -> Point | None:
    """Return the direction (y, x) from the LV to the RV in a drawn slice (Y, X); None where both are not drawn."""
    left = _left(drawn)
    if left is None or not (drawn == RV).any():
        return None
    return _middle(drawn == RV) - left


def without_far_rv(labels: NDArray[np.uint8], side: Point | None) -> NDArray[np.uint8]:
    """Return a slice (Y, X) without the parts of the RV that lie on the other side of the LV than ``side``.

    Beside the lateral wall lie other bright structures. The whole slice is returned as it is where there is no LV.

    >>> without_far_rv(np.array([[1, 0, 2, 0, 1, 1]], np.uint8), np.array([0.0, -1.0]))
    array([[1, 0, 2, 0, 0, 0]], dtype=uint8)
    """
    left = _left(labels)
    if side is None or left is None or not (labels == RV).any():
        return labels
    parts, count = ndimage.label(labels == RV)
    far = [n for n in range(1, count + 1) if (_middle(parts == n) - left) @ side < 0]
    if not far:
        return labels
    cleaned = labels.copy()
    cleaned[np.isin(parts, far)] = 0
    return cleaned


def _left(labels: NDArray[np.uint8]) -> Point | None:
    heart = (labels == LV) | (labels == MYO)
    return _middle(heart) if heart.any() else None


def _middle(mask: NDArray[np.bool_]) -> Point:
    return np.asarray(np.argwhere(mask).mean(axis=0))
