"""Temporal smoothing of consecutive frames: a heart moves little between two frames, and uncertainty flickers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import chain

from torch import Tensor

SIGMA_MS = 20.0  # at 50 frames a second the neighbours weigh 0.6 of the frame itself, at 25 hardly anything


def steady(drawn: Tensor, found: Iterable[Tensor], step_ms: float) -> Iterator[Tensor]:
    """Yield Gaussian-weighted means of every frame and its two neighbours in time; one frame behind.

    Parameters
    ----------
    drawn: (S + 1, H, W) probabilities of the drawn frame, from which the others follow.
    found: (S + 1, H, W) each, frame after frame.
    step_ms: time between two frames.

    Yields
    ------
    (S + 1, H, W) of each frame of ``found``.
    """
    weight = math.exp(-((step_ms / SIGMA_MS) ** 2) / 2)
    frames = chain([drawn], found)
    before, present = next(frames), next(frames, None)
    for after in frames:
        assert present is not None
        yield (present + weight * (before + after)) / (1 + 2 * weight)
        before, present = present, after
    if present is not None:
        yield (present + weight * before) / (1 + weight)
