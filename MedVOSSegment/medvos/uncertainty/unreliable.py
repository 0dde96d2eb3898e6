"""Decide from its score whether the contours of a slice are unreliable."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Probability that the contours are bad (Dice below 0.8).
THRESHOLD = 0.5


def unreliable(scores: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return where contours with these scores (...) are unreliable: they are more probably bad than good.

    >>> unreliable(np.array([0.2, 0.7])).tolist()
    [False, True]
    """
    return np.asarray(scores >= THRESHOLD)
