"""One training step's forward pass: along a walk, each prediction becoming memory for the next."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from medvos.models.cstm.network import Cstm, Entry, Memory, Prediction


class Walker(nn.Module):
    """The network led along three frames; a module, so that data parallelism can wrap it."""

    def __init__(self, network: Cstm) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, masks: Tensor, seeded: Tensor) -> list[Prediction]:
        """Second frame from the seed, third from the seed and the second's soft prediction (STCN, CSTM).

        Parameters
        ----------
        images: (B, 3, 3, H, W), the walk in dimension 1.
        masks: (B, S, H, W), the seed.
        seeded: (B, S) bool.
        """
        network = self.network
        b, steps = images.shape[:2]
        ordered = images.transpose(0, 1).flatten(0, 1)  # step by step, B frames each
        features = network.encode_frame(ordered.contiguous(memory_format=torch.channels_last))
        frames = [features.at(slice(i * b, (i + 1) * b)) for i in range(steps)]
        entries = [Entry.of(frames[0], network.encode_masks(frames[0], masks))]
        predictions: list[Prediction] = []
        for frame in frames[1:]:
            prediction = network.segment(frame, Memory.of(entries), seeded)
            predictions.append(prediction)
            if len(predictions) < steps - 1:
                soft = prediction.logits.softmax(1)[:, 1:]
                entries.append(Entry.of(frame, network.encode_masks(frame, soft)))
        return predictions


def masks_of(target: Tensor, slots: int) -> Tensor:
    """(B, H, W) slot numbers + 1 -> (B, S, H, W) masks."""
    numbers = torch.arange(1, slots + 1, device=target.device)[None, :, None, None]
    return (target[:, None] == numbers).float()
