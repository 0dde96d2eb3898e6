"""Forward pass of a rollout: frame after frame in the order of propagation, each soft prediction becoming memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import torch
from torch import Tensor, nn

from medvos.models.cstm.encoders import FrameFeatures
from medvos.models.cstm.network import Cstm, Entry, Memory, Prediction
from medvos_lab.cstm.batches import TripletBatch
from medvos_lab.cstm.losses import sample_loss, triplet_loss
from medvos_lab.cstm.triplet_model import TripletModel, encoded, learns, written
from medvos_lab.cstm_beats.batches import RolloutBatch
from medvos_lab.losses import masks_of


class RolloutModel(nn.Module):
    """The network rolled out along a plan."""

    def __init__(self, network: Cstm) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: RolloutBatch) -> dict[int, Prediction]:
        """Return the predictions of the frames that have a loss, by frame.

        Frames that do not learn are segmented and encoded as memory without gradients.
        """
        network, plan = self.network, batch.plan
        learning = [0, *(frame for frame, step in enumerate(plan.steps, 1) if step.learns)]
        features = dict(self._encoded(batch.images, learning))
        with torch.no_grad():
            others = [frame for frame in range(1, len(plan.steps) + 1) if frame not in learning]
            features |= dict(self._encoded(batch.images, others))
        masks = masks_of(batch.targets[:, 0], batch.seeded.shape[1])
        entries = {0: Entry.of(features[0], network.encode_masks(features[0], masks))}
        in_memory = {frame for step in plan.steps for frame in step.memory}
        predictions: dict[int, Prediction] = {}
        for frame, step in enumerate(plan.steps, 1):
            with torch.set_grad_enabled(step.learns and torch.is_grad_enabled()):
                memory = Memory.of([entries[i] for i in step.memory])
                carried = batch.carried[:, frame] if step.carried else None
                prediction = network.segment(features[frame], memory, batch.seeded, carried)
                if frame in in_memory:
                    soft = prediction.logits.softmax(1)[:, 1:]
                    entries[frame] = Entry.of(features[frame], written(network, features[frame], soft))
            if step.weight:
                predictions[frame] = prediction
        return predictions

    def _encoded(self, images: Tensor, frames: list[int]) -> list[tuple[int, FrameFeatures]]:
        """Return the features of some frames of images (B, F, 3, H, W), encoded in one pass."""
        if not frames:
            return []
        b = len(images)
        ordered = images[:, frames].transpose(0, 1).flatten(0, 1)
        features = encoded(self.network, ordered)
        return [(frame, features.at(slice(i * b, (i + 1) * b))) for i, frame in enumerate(frames)]


class MixedLoss(nn.Module):
    """Loss of a batch of rollouts or of triplets; a module, so that data parallelism can wrap it."""

    def __init__(self, network: Cstm) -> None:
        super().__init__()
        self.triplets, self.rollouts = TripletModel(network), RolloutModel(network)

    def train(self, mode: bool = True) -> Self:
        """Set training mode, but for encoders that do not learn: those compute as at inference."""
        super().train(mode)
        for encoder in (self.rollouts.network.key_encoder, self.rollouts.network.value_encoder):
            encoder.train(mode and learns(encoder))
        return self

    def forward(self, batch_of: Callable[[], TripletBatch | RolloutBatch], progress: float) -> Tensor:
        """Return the mean loss of a batch over labelled frames at a fraction of the training.

        The batch comes from a function because Fabric, in mixed precision, takes the arguments of a module apart to
        convert their tensors, and refuses frozen data classes.
        """
        batch = batch_of()
        if isinstance(batch, TripletBatch):
            return triplet_loss(self.triplets, batch, progress)
        weights = {frame: step.weight for frame, step in enumerate(batch.plan.steps, 1)}
        terms = [
            (weights[frame], sample_loss(prediction, batch.targets[:, frame], batch.seeded, progress))
            for frame, prediction in self.rollouts(batch).items()
        ]
        return torch.stack([weight * loss for weight, loss in terms]).sum() / sum(weight for weight, _ in terms)


def mixed_loss(model: nn.Module, batch: TripletBatch | RolloutBatch) -> Tensor:
    """Return the loss of a batch with `MixedLoss`; the cross-entropy counts the hardest pixels from the first step.

    The network is already trained when this training starts.
    """
    return model(lambda: batch, 1.0)
