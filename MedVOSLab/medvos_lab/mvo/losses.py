"""MVO loss: overlap term (Dice and weighted cross-entropy) plus ambiguity term."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

# Of the paper.
OVERLAP_WEIGHT, DOUBT_WEIGHT = 0.95, 0.05
# Obstruction is a few per cent of the wall, and a network that finds none would be right nearly everywhere.
CORE_WEIGHT = 5.0


def mvo_loss(log_odds: Tensor, core: Tensor, wall: Tensor) -> Tensor:
    """Return 0.95 times the overlap loss plus 0.05 times the ambiguity loss, as in the paper.

    The paper's overlap is Dice. Half of it is weighted cross-entropy here: Dice is blind to slices without obstruction,
    and probabilities can be calibrated only if they are learnt.

    Parameters
    ----------
    log_odds: (B, H, W) of the network.
    core: (B, H, W) bool, obstruction.
    wall: (B, H, W) bool; what lies outside of it is not judged.
    """
    odds, truth = log_odds[wall], core[wall].to(log_odds.dtype)
    probability = odds.sigmoid()
    dice = 1 - (2 * (probability * truth).sum() + 1) / (probability.sum() + truth.sum() + 1)
    weight = torch.as_tensor(CORE_WEIGHT, device=odds.device)
    overlap = (dice + F.binary_cross_entropy_with_logits(odds, truth, pos_weight=weight)) / 2
    # The root has no slope at 0, where a mask that is sure everywhere comes to.
    return OVERLAP_WEIGHT * overlap + DOUBT_WEIGHT * (doubt_of(odds).square().mean() + 1e-6).sqrt()


def doubt_of(log_odds: Tensor) -> Tensor:
    """Return exp(1 - M1 / M2), the paper's U of two classes: 1 where both are equally likely, 0 where one is sure."""
    return torch.exp(1 - torch.exp(log_odds.abs().clamp_max(20)))
