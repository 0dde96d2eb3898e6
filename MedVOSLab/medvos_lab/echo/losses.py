"""The losses of Wu et al.: supervised, and consistency between student and teacher."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def supervised_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Half soft Dice loss, half binary cross-entropy; (B, H, W) logits and masks."""
    truth = masks.to(logits.dtype)
    probability = torch.sigmoid(logits)
    overlap, total = (probability * truth).sum((1, 2)), (probability + truth).sum((1, 2))
    dice = 1 - ((2 * overlap + 1) / (total + 1)).mean()
    return 0.5 * dice + 0.5 * F.binary_cross_entropy_with_logits(logits, truth)


def consistency_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Half mean squared error of the probabilities, half KL divergence of the student from the teacher.

    Both are (B, H, W) logits; the teacher's carry no gradient.
    """
    aim = torch.sigmoid(teacher)
    # Cross-entropy less the teacher's own entropy is the divergence.
    divergence = F.binary_cross_entropy_with_logits(student, aim) - F.binary_cross_entropy_with_logits(teacher, aim)
    return 0.5 * F.mse_loss(torch.sigmoid(student), aim) + 0.5 * divergence


def consistency_weight(progress: float) -> float:
    """(t / t_max)^2: the teacher is worth little at first."""
    return progress**2
