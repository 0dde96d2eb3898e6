"""What the engine is asked for when slices were corrected, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.propagation.cost import cost_of_corrections
from medvos.result import Result
from MedVOSSegmentLib.job.request import Previous


@dataclass(frozen=True)
class Cost:
    """Frames to segment, their share of the whole cine's, and the seconds that they will take."""

    frames: int
    fraction: float
    seconds: float


def seed_of(labels: NDArray[np.uint8], places: NDArray[np.bool_]) -> Seed:
    """The seed in these places (T, Z) of the labels (T, Z, Y, X); an empty slice cannot be one."""
    seed = np.where(places[:, :, None, None], labels, np.uint8(0))
    return Seed(seed, seed.any((2, 3)))


def previous_of(
    labels: NDArray[np.uint8],
    uncertainty: NDArray[np.float32],
    scores: NDArray[np.float32],
    drawn: NDArray[np.bool_],
    corrected: NDArray[np.bool_],
) -> Previous:
    """The result that is corrected, from what the segments hold now.

    Parameters
    ----------
    labels: (T, Z, Y, X).
    uncertainty: (T, Z, Y, X).
    scores: (T, Z).
    drawn: (T, Z), slices from which it was made.
    corrected: (T, Z), slices that were changed since; what they held is of no use to the engine and given as empty.
    """
    before = np.where(corrected[:, :, None, None], np.uint8(0), labels)
    # A seed that was corrected itself is a seed all the same, and an empty one never was.
    seeds = drawn & (corrected | labels.any((2, 3)))
    return Previous(before, uncertainty, scores, seeds)


def cost_of(cine: Cine, seed: Seed, previous: Previous, full_seconds: float) -> Cost:
    """What it takes to follow the corrections, if the whole cine took ``full_seconds``."""
    before = Result(cine, previous.labels, previous.uncertainty, previous.slice_scores, previous.seeds)
    frames, whole = cost_of_corrections(seed, before)
    fraction = frames / whole
    return Cost(frames, fraction, fraction * full_seconds)
