"""The frames of a cine's region and their features, encoded slice by slice on demand."""

from __future__ import annotations

import torch
from torch import Tensor

from medvos.models.cstm.encoders import FrameFeatures
from medvos.models.cstm.network import Cstm


class FrameStack:
    """Frames (T, Z, H, W) of a cine's region and their features, which are computed on demand.

    Only the features of the latest slice stay in memory, so that memory does not grow with the number of slices.
    """

    def __init__(self, network: Cstm, frames: Tensor, batch: int) -> None:
        self.network, self.frames, self.batch = network, frames, batch
        self.phases, self.slices = frames.shape[:2]
        self._kept: tuple[int, FrameFeatures] | None = None

    def images(self, z: int) -> Tensor:
        """(T, 3, H, W): the slices below, at and above ``z``, or the slice three times."""
        if self.network.config.slice_context:
            neighbours = [min(max(z + step, 0), self.slices - 1) for step in (-1, 0, 1)]
        else:
            neighbours = [z] * 3
        return self.frames[:, neighbours]

    def frame(self, phase: int, z: int) -> FrameFeatures:
        """Return the features of one frame."""
        if self._kept is not None and self._kept[0] == z:
            return self._kept[1].at(slice(phase, phase + 1))
        return self.network.encode_frame(self.images(z)[phase : phase + 1])

    def slice(self, z: int) -> FrameFeatures:
        """Return the features of all T phases of one slice."""
        if self._kept is None or self._kept[0] != z:
            images = self.images(z).contiguous(memory_format=torch.channels_last)
            parts = [self.network.encode_frame(part) for part in images.split(self.batch)]
            joined = FrameFeatures(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))
            self._kept = (z, joined)
        return self._kept[1]
