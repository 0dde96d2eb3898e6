"""The order in which propagation visits slices and phases, and the weights of the directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def main_seed(labels: NDArray[np.uint8], drawn: NDArray[np.bool_]) -> tuple[int, int]:
    """Return (phase, slice) of the seed with most structures, then most voxels: propagation starts there.

    Parameters
    ----------
    labels: (T, Z, Y, X).
    drawn: (T, Z).
    """
    places = [(int(t), int(z)) for t, z in np.argwhere(drawn)]
    return max(places, key=lambda p: (len(np.unique(labels[p])), int(np.count_nonzero(labels[p]))))


def sweeps(start: int, slices: int) -> list[list[int]]:
    """Return the slices from the neighbours of ``start`` outwards, one list for each end of the stack.

    >>> sweeps(2, 5)
    [[3, 4], [1, 0]]
    """
    return [list(range(start + 1, slices)), list(range(start - 1, -1, -1))]


def direction_weights(
    phases: int, start: int, drawn: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the weights of the forward and backward direction around the beat, by their steps from a drawn phase.

    Parameters
    ----------
    phases: T.
    start: a drawn phase, from which both directions begin.
    drawn: (T,) bool, the drawn phases of this slice.

    Returns
    -------
    Two arrays (T,) that add up to 1.
    """
    forward, backward = np.zeros(phases), np.zeros(phases)
    for direction, steps in ((1, forward), (-1, backward)):
        since = 0
        for k in range(phases):
            phase = (start + direction * k) % phases
            since = 0 if drawn[phase] else since + 1
            steps[phase] = since
    total = np.maximum(forward + backward, 1)
    fraction = np.where(forward + backward > 0, backward / total, 0.5).astype(np.float32)
    return fraction, 1 - fraction


def temporal_proximity(drawn: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return (T,) weights: 1 at the drawn phases of a slice, falling linearly to 0 half a beat from the nearest.

    Parameters
    ----------
    drawn: (T,), at least one.
    """
    phases = len(drawn)
    steps = np.abs(np.arange(phases)[:, None] - np.flatnonzero(drawn))
    return (1 - np.minimum(steps, phases - steps).min(1) / (phases / 2)).astype(np.float32)
