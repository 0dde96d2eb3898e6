"""Optimiser settings and learning-rate schedules."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

WARM_UP = 0.15


def one_cycle(progress: float) -> float:
    """Return the factor of a cosine from 0.04 up to 1 in the first 15 % of the training, then of a cosine down to 0."""
    if progress < WARM_UP:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * progress / WARM_UP)) / 2
    return (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP))) / 2


def constant(_progress: float) -> float:
    """Return 1: the learning rate never changes."""
    return 1.0


def poly(progress: float) -> float:
    """Return (1 - t / t_max)^0.9."""
    return (1 - progress) ** 0.9


@dataclass(frozen=True)
class Schedule:
    """Optimiser settings.

    Attributes
    ----------
    learning_rate: its peak.
    weight_decay: of AdamW.
    batch: labelled samples (or frames, as the recipe states) in a step, on each device.
    lr_schedule: learning-rate factor as a function of progress (0 to 1) only, so that a run can be resumed with another
        step count.
    decay: of the moving average of the weights.
    unlabelled: unlabelled samples in a step, on each device.
    """

    learning_rate: float
    weight_decay: float
    batch: int
    lr_schedule: Callable[[float], float]
    decay: float = 0.998
    unlabelled: int = 0

    def with_larger_batch(self, times: int) -> Schedule:
        """Return the same settings for so many times the samples in a step; the learning rate stays."""
        return replace(self, batch=times * self.batch, unlabelled=times * self.unlabelled)
