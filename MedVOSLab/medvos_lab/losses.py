"""What training minimises."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from medvos.models.cstm.network import Prediction

# STCN goes down to 0.15 of a whole image. The heart fills a quarter of the region of interest, where so small a share
# would be its contours alone.
SMALLEST_FRACTION = 0.5


def kept_fraction(progress: float) -> float:
    """Share of the hardest pixels that the bootstrapped cross-entropy keeps, from 1 down to `SMALLEST_FRACTION`."""
    return 1.0 - (1 - SMALLEST_FRACTION) * min(max((progress - 0.25) / 0.45, 0.0), 1.0)


def bootstrapped_cross_entropy(log_odds: Tensor, target: Tensor, fraction: float) -> Tensor:
    """Mean cross-entropy over the hardest ``fraction`` of each sample's pixels; (B, S+1, H, W) and (B, H, W)."""
    loss = F.cross_entropy(log_odds, target, reduction="none").flatten(1)
    if fraction >= 1:
        return loss.mean()
    return loss.topk(int(fraction * loss.shape[1]), dim=1).values.mean()


def dice_loss(log_odds: Tensor, target: Tensor, seeded: Tensor) -> Tensor:
    """1 - soft Dice of each seeded structure, intersections and sums taken over the batch.

    Summing over the batch keeps the gradient meaningful for samples in which the structure is absent.
    """
    probability = log_odds.softmax(1)[:, 1:]
    truth = F.one_hot(target, log_odds.shape[1]).permute(0, 3, 1, 2)[:, 1:].to(probability.dtype)
    intersection = (probability * truth).sum((0, 2, 3))
    total = (probability + truth).sum((0, 2, 3))
    used = seeded.any(0)
    return 1 - ((2 * intersection + 1) / (total + 1))[used].mean()


def sample_loss(prediction: Prediction, target: Tensor, seeded: Tensor, progress: float) -> Tensor:
    """Cross-entropy, Dice and presence for one frame of each sample.

    Parameters
    ----------
    prediction: of the network.
    target: (B, H, W) int64, 0 background, s + 1 for structure slot s.
    seeded: (B, S) bool.
    progress: share of the training that is done.
    """
    slots = torch.arange(1, seeded.shape[1] + 1, device=target.device)
    present = (target.flatten(1)[:, :, None] == slots).any(1).float()
    presence = F.binary_cross_entropy_with_logits(prediction.presence, present, reduction="none")
    return (
        bootstrapped_cross_entropy(prediction.logits, target, kept_fraction(progress))
        + dice_loss(prediction.logits, target, seeded)
        + 0.1 * (presence * seeded).sum() / seeded.sum()
    )
