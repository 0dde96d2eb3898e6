"""The order in which slices are reviewed: the worst first."""

from __future__ import annotations

from collections.abc import Sequence

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


def neighbour(
    ranked: Sequence[tuple[int, int, float]], place: tuple[int, int] | None, score: float | None, by: int
) -> tuple[int, int, float] | None:
    """Return the slice that follows (``by`` 1) or precedes (-1) ``place`` in a ranking; None where it is empty.

    A place that has left the ranking, since it was accepted or corrected, is replaced by its ``score``. The last slice
    is followed by the first. Without a score the worst comes first.
    """
    if not ranked:
        return None
    places = [(phase, z) for phase, z, _ in ranked]
    if place in places and score is not None:
        return ranked[(places.index(place) + by) % len(ranked)]
    if score is None:
        return ranked[0]
    lower = next((i for i, (*_, other) in enumerate(ranked) if other <= score), 0)
    return ranked[lower if by > 0 else lower - 1]
