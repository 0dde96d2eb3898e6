"""Segment frames from memory and encode them as memory, in passes that fit the processor."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from medvos.models.cstm.encoders import FrameFeatures
from medvos.models.cstm.network import Cstm, Entry, Memory

Predicted = tuple[Tensor, Tensor]  # (B, S + 1, H, W) probabilities, (B, S) presence


class FramePredictor:
    """Segments frames with a CSTM network in passes of at most ``batch`` frames.

    Parameters
    ----------
    network: in evaluation mode, on its device.
    seeded: (S,) bool, the structures that are drawn; others stay empty.
    batch: frames in one pass.
    on_frames: called with the number of frames that `segment` has segmented.

    >>> probabilities, presence = FramePredictor(network, seeded, 8).segment(features, [entry])
    """

    def __init__(
        self, network: Cstm, seeded: Tensor, batch: int, on_frames: Callable[[int], None] = lambda count: None
    ) -> None:
        self.network, self.seeded, self.batch, self.on_frames = network, seeded, batch, on_frames

    def segment(
        self, frame: FrameFeatures, memory: list[Entry], carried: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Segment B frames and report them: (B, S + 1, H, W) probabilities, (B, S) presence.

        ``carried`` are (B, S + 1, H, W) masks carried along the motion, the confidence last.
        """
        predicted = self.predict(frame, memory, carried)
        self.on_frames(frame.image.shape[0])
        return predicted

    def predict(self, frame: FrameFeatures, memory: list[Entry], carried: Tensor | None) -> Predicted:
        """Segment B frames as `segment` does, without reporting them."""
        size = frame.image.shape[0]
        parts = []
        for low in range(0, size, self.batch):
            part = slice(low, min(low + self.batch, size))
            count = part.stop - part.start
            entries = [e.for_batch(count) if e.k8.shape[0] == 1 else e.at(part) for e in memory]
            seeded = self.seeded.expand(count, -1)
            hint = () if carried is None else (carried[part],)
            logits, presence = self.network.segment(frame.at(part), Memory.of(entries), seeded, *hint)
            parts.append((logits.softmax(1), presence.sigmoid() * seeded))
        probabilities, presence = (torch.cat(column) for column in zip(*parts, strict=True))
        return probabilities, presence

    def write(self, frame: FrameFeatures, probabilities: Tensor) -> Entry:
        """Encode soft predictions (B, S + 1, H, W) as memory, as in training."""
        parts = [
            self.network.encode_masks(frame.at(slice(low, low + self.batch)), part)
            for low, part in zip(
                range(0, len(probabilities), self.batch), probabilities[:, 1:].split(self.batch), strict=True
            )
        ]
        values = type(parts[0])(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))
        return Entry.of(frame, values)
