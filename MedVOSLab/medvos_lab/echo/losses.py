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
    loss = supervised_loss(logits[: len(batch.clips)], batch.masks, batch.known)
    with torch.no_grad():
        target = teacher(for_teacher)
    return loss + consistency_weight(progress) * consistency_loss(logits[len(batch.clips) :], target)


def supervised_loss(logits: Tensor, masks: Tensor, known: Tensor) -> Tensor:
    """Return half soft Dice loss, half binary cross-entropy, the mean over all structures that were drawn.

    Parameters
    ----------
    logits, masks: (B, S, H, W).
    known: (B, S) bool. A structure that a data set does not draw is unknown there, not absent.
    """
    logits, truth = logits[known], masks[known].to(logits.dtype)  # (N, H, W)
    probability = torch.sigmoid(logits)
    overlap = (probability * truth).sum((1, 2))
    # Squares as in the paper (after Milletari et al. 2016).
    total = (probability.square() + truth.square()).sum((1, 2))
    dice = 1 - ((2 * overlap + 1) / (total + 1)).mean()
    return 0.5 * dice + 0.5 * F.binary_cross_entropy_with_logits(logits, truth)


def consistency_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Return half mean squared error of the probabilities, half the divergence KL(student, teacher).

    Both are logits of the same shape; the teacher's carry no gradient. In this direction the divergence is an
    expectation over the student's own answers: it is punished for what it says and the teacher does not.
    """
    p = torch.sigmoid(student)
    inside = p * (F.logsigmoid(student) - F.logsigmoid(teacher))
    outside = (1 - p) * (F.logsigmoid(-student) - F.logsigmoid(-teacher))
    return 0.5 * F.mse_loss(p, torch.sigmoid(teacher)) + 0.5 * (inside + outside).mean()


def consistency_weight(progress: float) -> float:
    """Return (t / t_max)^2, because the first teachers are poor."""
    return progress**2
