"""Forward pass of one training step: three frames in order, each prediction becoming memory for the next."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from medvos.models.tcmn.network import Memory, Tcmn


class RolloutOutput(NamedTuple):
    """Predictions and memory values of a rollout."""

    logits: tuple[Tensor, Tensor]  # (B, S + 1, H, W) log-odds of the second and the third frame
    values: tuple[Tensor, ...]  # (B, S, Cv, h, w) of all three frames


class Rollout(nn.Module):
    """The network rolled out over three frames; a module, so that data parallelism can wrap it."""

    def __init__(self, network: Tcmn) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, masks: Tensor, seeded: Tensor) -> RolloutOutput:
        """Predict the second frame from the seed, the third from the seed and the second's soft prediction.

        Parameters
        ----------
        images: (B, 3, H, W).
        masks: (B, S, H, W), the seed.
        seeded: (B, S) bool.
        """
        network, size = self.network, (images.shape[-2], images.shape[-1])
        b = len(images)
        # One pass for all frames, so that normalisation sees the same statistics in each of them.
        features = network.encode_frame(images.transpose(0, 1).flatten(0, 1))
        first, second, third = (features.at(slice(i * b, (i + 1) * b)) for i in range(3))
        values = [network.encode_masks(first, masks)]
        memory = Memory.of(first, values[0])
        logits = []
        for frame in (second, third):
            logits.append(network.segment(frame, memory, seeded, size))
            values.append(network.encode_masks(frame, logits[-1].softmax(1)[:, 1:]))
            memory = memory.and_also(Memory.of(frame, values[-1]))
        return RolloutOutput((logits[0], logits[1]), tuple(values))
