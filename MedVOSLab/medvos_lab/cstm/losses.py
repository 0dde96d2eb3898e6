"""CSTM loss of a triplet: cross-entropy, Dice and presence of both predicted frames."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.cstm.network import Prediction
from medvos_lab.cstm.batches import TripletBatch
from medvos_lab.losses import bootstrapped_cross_entropy, dice_loss, kept_fraction, masks_of


def triplet_loss(model: nn.Module, batch: TripletBatch, progress: float) -> Tensor:
    """Return the mean loss of the second and the third frame of a batch of triplets."""
    masks = masks_of(batch.targets[:, 0], batch.seeded.shape[1])
    predictions = model(batch.images, masks, batch.seeded)
    losses = [
        sample_loss(prediction, batch.targets[:, i + 1], batch.seeded, progress)
        for i, prediction in enumerate(predictions)
    ]
    return torch.stack(losses).mean()


def sample_loss(prediction: Prediction, target: Tensor, seeded: Tensor, progress: float) -> Tensor:
    """Return the sum of cross-entropy, Dice and presence losses for one frame of each sample.

    Parameters
    ----------
    prediction: of the network.
    target: (B, H, W) int64, 0 background, s + 1 for structure slot s.
    seeded: (B, S) bool.
    progress: fraction of the training that is done.
    """
    slots = torch.arange(1, seeded.shape[1] + 1, device=target.device)
    present = (target.flatten(1)[:, :, None] == slots).any(1).float()
    presence = F.binary_cross_entropy_with_logits(prediction.presence, present, reduction="none")
    return (
        bootstrapped_cross_entropy(prediction.logits, target, kept_fraction(progress))
        + dice_loss(prediction.logits, target, seeded)
        + 0.1 * (presence * seeded).sum() / seeded.sum()
    )
