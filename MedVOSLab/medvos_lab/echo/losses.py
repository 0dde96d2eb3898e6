"""Losses of Wu et al.: supervised, and consistency between student and teacher."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos_lab.echo.batches import EchoBatch


def mean_teacher_loss(student: nn.Module, teacher: nn.Module, batch: EchoBatch, progress: float) -> Tensor:
    """Return the loss of the labelled clips plus the weighted disagreement with the teacher on the others."""
    for_student, for_teacher = batch.unlabelled
    logits = student(torch.cat([batch.clips, for_student]))
    loss = supervised_loss(logits[: len(batch.clips)], batch.masks)
    with torch.no_grad():
        target = teacher(for_teacher)
    return loss + consistency_weight(progress) * consistency_loss(logits[len(batch.clips) :], target)


def supervised_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Return half soft Dice loss, half binary cross-entropy; (B, H, W) logits and masks."""
    truth = masks.to(logits.dtype)
    probability = torch.sigmoid(logits)
    overlap, total = (probability * truth).sum((1, 2)), (probability + truth).sum((1, 2))
    dice = 1 - ((2 * overlap + 1) / (total + 1)).mean()
    return 0.5 * dice + 0.5 * F.binary_cross_entropy_with_logits(logits, truth)


def consistency_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Return half mean squared error of the probabilities, half KL divergence of the student from the teacher.

    Both are (B, H, W) logits; the teacher's carry no gradient.
    """
    target = torch.sigmoid(teacher)
    # Cross-entropy less the teacher's own entropy is the divergence.
    divergence = F.binary_cross_entropy_with_logits(student, target) - F.binary_cross_entropy_with_logits(
        teacher, target
    )
    return 0.5 * F.mse_loss(torch.sigmoid(student), target) + 0.5 * divergence


def consistency_weight(progress: float) -> float:
    """Return (t / t_max)^2, because the first teachers are poor."""
    return progress**2
