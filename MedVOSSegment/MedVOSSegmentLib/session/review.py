"""Which slices deserve a look, the worst first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def worst_first(scores: NDArray[np.float32], settled: NDArray[np.bool_]) -> list[tuple[int, int, float]]:
    """Phase, slice and score of every slice that is not settled, by falling score.

    Parameters
    ----------
    scores: (T, Z), 0 sure to 1.
    settled: (T, Z), what the user drew, corrected or accepted.
    """
    places = np.argwhere(~settled)
    values = scores[~settled]
    order = np.argsort(-values, kind="stable")
    return [(int(places[i, 0]), int(places[i, 1]), float(values[i])) for i in order]
