"""Losses of the networks that propagate a seed (CSTM, TCMN), and the masks of their structure slots."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

# STCN goes down to 0.15 of a whole image. The heart fills a quarter of the region of interest, where so small a
# fraction would be its contours only.
SMALLEST_FRACTION = 0.5


def kept_fraction(progress: float) -> float:
    """Return the fraction of the hardest pixels that count in the cross-entropy, from 1 down to `SMALLEST_FRACTION`."""
    return 1.0 - (1 - SMALLEST_FRACTION) * min(max((progress - 0.25) / 0.45, 0.0), 1.0)


def bootstrapped_cross_entropy(log_odds: Tensor, target: Tensor, fraction: float) -> Tensor:
    """Return the mean cross-entropy of the hardest ``fraction`` of each sample's pixels; (B, S+1, H, W), (B, H, W)."""
    loss = F.cross_entropy(log_odds, target, reduction="none").flatten(1)
    if fraction >= 1:
        return loss.mean()
    return loss.topk(int(fraction * loss.shape[1]), dim=1).values.mean()


def dice_loss(log_odds: Tensor, target: Tensor, seeded: Tensor) -> Tensor:
    """Return 1 - soft Dice of each seeded structure, intersections and sums taken over the batch.

    Summing over the batch keeps the gradient meaningful for samples in which the structure is absent.
    """
    probability = log_odds.softmax(1)[:, 1:]
    truth = F.one_hot(target, log_odds.shape[1]).permute(0, 3, 1, 2)[:, 1:].to(probability.dtype)
    intersection = (probability * truth).sum((0, 2, 3))
    total = (probability + truth).sum((0, 2, 3))
    used = seeded.any(0)
    return 1 - ((2 * intersection + 1) / (total + 1))[used].mean()


def masks_of(target: Tensor, slots: int) -> Tensor:
    """Return the masks (B, S, H, W) of slot numbers + 1 (B, H, W)."""
    numbers = torch.arange(1, slots + 1, device=target.device)[None, :, None, None]
    return (target[:, None] == numbers).float()
