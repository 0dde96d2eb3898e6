"""Forward pass of one training step: a triplet of frames, each prediction becoming memory for the next."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from medvos.models.cstm.encoders import FrameFeatures, Values
from medvos.models.cstm.network import Cstm, Entry, Memory, Prediction


class TripletModel(nn.Module):
    """The network rolled out over three frames; a module, so that data parallelism can wrap it."""

    def __init__(self, network: Cstm) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, masks: Tensor, seeded: Tensor) -> list[Prediction]:
        """Predict the second frame from the seed, the third from the seed and the second's soft prediction.

        Parameters
        ----------
        images: (B, 3, 3, H, W), the triplet in dimension 1.
        masks: (B, S, H, W), the seed.
        seeded: (B, S) bool, slots in use.
        """
        network = self.network
        b, steps = images.shape[:2]
        ordered = images.transpose(0, 1).flatten(0, 1)  # step by step, B frames each
        features = encoded(network, ordered)
        frames = [features.at(slice(i * b, (i + 1) * b)) for i in range(steps)]
        entries = [Entry.of(frames[0], network.encode_masks(frames[0], masks))]
        predictions: list[Prediction] = []
        for frame in frames[1:]:
            prediction = network.segment(frame, Memory.of(entries), seeded)
            predictions.append(prediction)
            if len(predictions) < steps - 1:
                soft = prediction.logits.softmax(1)[:, 1:]
                entries.append(Entry.of(frame, written(network, frame, soft)))
        return predictions


def encoded(network: Cstm, images: Tensor) -> FrameFeatures:
    """Return features of images (B, 3, H, W) for a decoder that learns, in single precision."""
    features = network.encode_frame(images.contiguous(memory_format=torch.channels_last))
    return FrameFeatures(*(feature.float() for feature in features))  # of an encoder at inference they may be bfloat16


def written(network: Cstm, frame: FrameFeatures, soft: Tensor) -> Values:
    """Return memory values of a soft prediction (B, S, H, W).

    Gradients flow through the memory into earlier predictions, unless the encoder of masks does not learn: then they
    would cost as much as its training.
    """
    return network.encode_masks(frame, soft if learns(network.value_encoder) else soft.detach())


def learns(module: nn.Module) -> bool:
    """Return whether a training changes parameters of this module."""
    return any(parameter.requires_grad for parameter in module.parameters())
