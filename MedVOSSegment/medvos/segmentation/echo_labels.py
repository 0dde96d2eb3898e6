"""From the probabilities of an echo network to labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def echo_labels(probabilities: NDArray[np.float32], structures: Sequence[int]) -> NDArray[np.uint8]:
    """Return labels (..., Y, X): the most probable structure where it is more probable than not, else 0.

    >>> echo_labels(np.array([[[0.9, 0.2]], [[0.7, 0.6]]], np.float32), (3, 2))
    array([[3, 2]], dtype=uint8)

    Parameters
    ----------
    probabilities: (S, ..., Y, X), each structure's own.
    structures: their labels.
    """
    best = probabilities.argmax(0)
    return np.where(probabilities.max(0) > 0.5, np.asarray(structures, np.uint8)[best], np.uint8(0))
