"""The order in which slices are reviewed: the worst first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def worst_first(scores: NDArray[np.float32], settled: NDArray[np.bool_]) -> list[tuple[int, int, float]]:
    """Return phase, slice and score of every slice that is not settled, by falling score.

    Parameters
    ----------
    scores: (T, Z), probability that the mask is bad.
    settled: (T, Z) bool, slices that the user drew, corrected or accepted.
    """
    places = np.argwhere(~settled)
    values = scores[~settled]
    order = np.argsort(-values, kind="stable")
    return [(int(places[i, 0]), int(places[i, 1]), float(values[i])) for i in order]
