"""Combine the predictions of one slice from several directions: mean, presence and spread."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

# Weight of the masks carried along the motion in the spread, beside that of a direction; between 0.1 and 1 the
# calibrated uncertainty of ACDC's validation patients is equally good, without them it is worse.
MOTION_WEIGHT = 0.5


@dataclass(frozen=True)
class Combined:
    """One slice: ``mean`` (T, S + 1, H, W), ``presence`` (T, S) and ``spread`` (T, H, W), the variance."""

    mean: Tensor
    presence: Tensor
    spread: Tensor


def combine(
    directions: Tensor, presence: Tensor, weights: Tensor | None = None, carried: Tensor | None = None
) -> Combined:
    """Return mean and variance of predictions; where masks carried along the motion differ, the spread is higher.

    Parameters
    ----------
    directions: (W, T, S + 1, H, W) probabilities, background first.
    presence: (W, T, S).
    weights: (W, T) that add up to 1 over the directions; default equal ones.
    carried: (T, S + 1, H, W), the confidence last.

    >>> combine(torch.full((2, 1, 2, 1, 1), 0.5), torch.ones(2, 1, 1)).spread
    tensor([[[0.]]])
    """
    if weights is None:
        weights = torch.full(directions.shape[:2], 1 / len(directions), device=directions.device)
    mean = (directions * weights[:, :, None, None, None]).sum(0)
    spread = (weights[:, :, None, None] * (directions - mean).square().sum(2)).sum(0)
    if carried is not None:
        spread = spread + MOTION_WEIGHT * _disagreement(mean, carried)
    return Combined(mean, (presence * weights[:, :, None]).sum(0), spread)


def without_absent(probabilities: Tensor, presence: Tensor, absent_below: float) -> Tensor:
    """Add the probability of structures whose presence (T, S) is below a limit to the background."""
    kept = (presence >= absent_below)[:, :, None, None]
    structures = probabilities[:, 1:] * kept
    return torch.cat([1 - structures.sum(1, keepdim=True), structures], 1)


def _disagreement(probabilities: Tensor, carried: Tensor) -> Tensor:
    """Return the squared difference (T, H, W) of predictions and carried masks, weighted by their confidence."""
    masks, confidence = carried[:, :-1], carried[:, -1]
    background = 1 - masks.sum(1)
    apart = (probabilities[:, 1:] - masks).square().sum(1) + (probabilities[:, 0] - background).square()
    return confidence * apart
