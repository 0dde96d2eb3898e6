"""The input of a propagation of corrections, and its cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.propagation.cost import cost_of_corrections
from medvos.result import Result
from MedVOSSegmentLib.job.tasks import PreviousResult


@dataclass(frozen=True)
class CorrectionCost:
    """Frames to segment, their fraction of the whole cine, and the seconds that they will take."""

    frames: int
    fraction: float
    seconds: float


def seed_of(labels: NDArray[np.uint8], places: NDArray[np.bool_]) -> Seed:
    """Return the labels (T, Z, Y, X) at ``places`` (T, Z) as a seed; an empty slice cannot be one."""
    seed, drawn = np.zeros_like(labels), np.zeros_like(places)
    seed[places] = labels[places]
    drawn[places] = labels[places].any((1, 2))
    return Seed(seed, drawn)


def previous_of(
    labels: NDArray[np.uint8],
    uncertainty: NDArray[np.float32],
    scores: NDArray[np.float32],
    drawn: NDArray[np.bool_],
    corrected: NDArray[np.bool_],
) -> PreviousResult:
    """Return the result that is corrected, from the current labels.

    Parameters
    ----------
    labels: (T, Z, Y, X).
    uncertainty: (T, Z, Y, X).
    scores: (T, Z).
    drawn: (T, Z), slices from which it was made.
    corrected: (T, Z), slices that were changed since; the engine does not need their labels, which are given as empty.
    """
    before = labels.copy()
    before[corrected] = 0
    # A seed that was corrected itself is a seed all the same, and an empty one never was.
    seeds = drawn & corrected
    kept = drawn & ~corrected
    seeds[kept] = labels[kept].any((1, 2))
    return PreviousResult(before, uncertainty, scores, seeds)


def cost_of(cine: Cine, seed: Seed, previous: PreviousResult, full_seconds: float) -> CorrectionCost:
    """Return the cost of propagating the corrections, where the whole cine took ``full_seconds``."""
    before = Result(cine, previous.labels, previous.uncertainty, previous.slice_scores, previous.seeds)
    frames, whole = cost_of_corrections(seed, before)
    fraction = frames / whole
    return CorrectionCost(frames, fraction, fraction * full_seconds)
