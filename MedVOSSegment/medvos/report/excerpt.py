"""Select the frames of a clip that its report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medvos.measure.measures import Measures
from medvos.result import Result

TILES = 8
WORST = 6
APART = 0.03  # least distance between two of the worst frames, as a fraction of the clip: neighbours look alike


@dataclass(frozen=True)
class Excerpt:
    """Some frames of a clip's result.

    Attributes
    ----------
    result: the result of these frames alone.
    numbers: their numbers in the clip, ascending.
    """

    result: Result
    numbers: tuple[int, ...]

    def only(self, wanted: Sequence[int]) -> Excerpt:
        """Return the frames with these numbers, in their order."""
        places = [self.numbers.index(number) for number in wanted]
        return Excerpt(frames_of(self.result, places), tuple(wanted))


def excerpt_of(result: Result, numbers: Sequence[int]) -> Excerpt:
    """Return the frames with these numbers."""
    return Excerpt(frames_of(result, numbers), tuple(numbers))


def frames_of(result: Result, numbers: Sequence[int]) -> Result:
    """Return the result of these frames alone."""
    at = list(numbers)
    cine = replace(result.cine, array=result.cine.array[at], times=result.cine.times[at])
    return Result(
        cine,
        result.labels[at],
        result.uncertainty[at],
        result.slice_scores[at],
        result.seeds[at],
        result.provenance,
    )


def beat_frames(measures: Measures) -> list[int]:
    """Select frames of the beat with the median EF, from ED over ES to the next ED; of the clip without a beat."""
    frames = len(measures.time_ms)
    if measures.ed is None or measures.es is None:
        return _spread(0, frames - 1, TILES)
    following = [beat.ed for beat in measures.beats if beat.ed > measures.es]
    end = min([*following, frames - 1])
    before = 1 + round((TILES - 1) * (measures.es - measures.ed) / max(end - measures.ed, 1))
    before = min(max(before, 2), TILES - 1)
    return sorted({*_spread(measures.ed, measures.es, before), *_spread(measures.es, end, TILES - before + 1)})


def worst_frames(scores: NDArray[np.float32]) -> list[int]:
    """Select frames with the highest scores (T,), the highest first, at a distance from each other."""
    chosen: list[int] = []
    for t in np.argsort(-scores, kind="stable"):
        if scores[t] <= 0 or len(chosen) == WORST:
            break
        if all(abs(t - other) > APART * len(scores) for other in chosen):
            chosen.append(int(t))
    return chosen


def marks(measures: Measures) -> Mapping[int, str]:
    """Return frame number to ``ED`` or ``ES`` for all beats."""
    return {beat.es: "ES" for beat in measures.beats} | {beat.ed: "ED" for beat in measures.beats}


def _spread(first: int, last: int, count: int) -> list[int]:
    return sorted({round(t) for t in np.linspace(first, last, count)})
