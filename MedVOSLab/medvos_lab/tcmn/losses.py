"""TCMN loss: cross-entropy and Dice of both predicted frames, and the temporal contrastive loss of the memory."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos_lab.losses import bootstrapped_cross_entropy, dice_loss, kept_fraction, masks_of
from medvos_lab.tcmn.batches import TcmnBatch
from medvos_lab.tcmn.rollout import RolloutOutput

# Small against the differences between frames, else the quotient falls when all frames become alike. Those of a
# trained network are about 1e-3.
EPSILON = 1e-4


def rollout_loss(model: nn.Module, batch: TcmnBatch, progress: float, contrastive_weight: float) -> Tensor:
    """Roll the network out over a batch and return `loss_of_output`."""
    masks = masks_of(batch.targets[:, 0], batch.seeded.shape[1])
    return loss_of_output(model(batch.images, masks, batch.seeded), batch, progress, contrastive_weight)


def loss_of_output(output: RolloutOutput, batch: TcmnBatch, progress: float, contrastive_weight: float) -> Tensor:
    """Return bootstrapped cross-entropy and Dice of the predicted frames, plus the weighted contrastive loss.

    Frames without targets count in the contrastive loss alone; at least one predicted frame has targets.
    """
    terms = []
    for frame, logits in enumerate(output.logits, start=1):
        known = batch.judged[:, frame]
        if batch.seeded[known].any():
            target = batch.targets[known, frame]
            cross_entropy = bootstrapped_cross_entropy(logits[known], target, kept_fraction(progress))
            terms.append(cross_entropy + dice_loss(logits[known], target, batch.seeded[known]))
    loss = torch.stack(terms).mean()
    if contrastive_weight:
        before, present, after = output.values
        loss = loss + contrastive_weight * temporal_contrastive_loss(before, present, after, batch.seeded)
    return loss


def temporal_contrastive_loss(before: Tensor, present: Tensor, after: Tensor, seeded: Tensor) -> Tensor:
    """Return a loss that is small where neighbouring frames have more similar memory values than distant ones (TCMN).

    Parameters
    ----------
    before, present, after: (B, S, Cv, h, w) values of three frames in order.
    seeded: (B, S) bool, the structures that count.

    Returns
    -------
    ``((1 - s(before, present)) + (1 - s(present, after))) / (1 - s(before, after) + eps)`` with the cosine
    similarity s of whole frames, the mean over structures. Each channel is taken without its mean over the positions
    of the three frames, which all share and which would make every similarity nearly 1.
    """
    together = torch.stack([before, present, after])
    centred = together - together.mean((0, 4, 5), keepdim=True)
    first, second, third = centred.flatten(3)
    near = 2 - F.cosine_similarity(first, second, -1) - F.cosine_similarity(second, third, -1)
    far = 1 - F.cosine_similarity(first, third, -1)
    return (near / (far + EPSILON))[seeded].mean()
