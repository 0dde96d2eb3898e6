"""Vivim: video segmentation whose cost is linear in the frames (Yang et al. 2024, arXiv:2401.14168)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.precision import reduced_precision
from medvos.models.vivim.config import VivimConfig
from medvos.models.vivim.encoders import encoder
from medvos.models.vivim.heads import head
from medvos.models.vivim.layer import TemporalMambaLayer

# Outside training frames go through what knows no time so many at once.
FRAMES_AT_ONCE = 8


class Prediction(NamedTuple):
    """Output of the network for B clips of T frames."""

    logits: Tensor  # (B, T, classes, H, W)
    edges: Tensor  # (B, T, H', W') logits of "a contour passes here"


class Vivim(nn.Module):
    """Stages of a hierarchical encoder, Temporal Mamba layers behind each, and a head; any number of frames."""

    def __init__(self, config: VivimConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = encoder(config)
        self.temporal = nn.ModuleList(
            nn.Sequential(*(TemporalMambaLayer(dim, config) for _ in range(depth)))
            for dim, depth in zip(config.dims, config.temporal_depths, strict=True)
        )
        self.head = head(config, self.encoder.finer)
        self.classify = nn.Conv2d(self.head.width, config.classes, 1)
        self.boundary = nn.Conv2d(self.head.width, 1, 3, padding=1)

    def forward(self, clips: Tensor, through_time: bool = True) -> Prediction:
        """Segment normalised clips (B, T, 3, H, W); H and W are multiples of 32.

        Without ``through_time`` the Temporal Mamba layers are left out, and each frame is segmented by itself.
        """
        b, t = clips.shape[:2]
        frames = clips.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        before = self._in_parts(self.encoder.begin, frames)
        stages = []
        x = before[-1]
        for number, layers in enumerate(self.temporal):
            (x,) = self._in_parts(partial(self._advanced, number), x)
            if through_time and self.config.temporal_depths[number]:
                tokens = x.permute(0, 2, 3, 1).unflatten(0, (b, t))  # (B, T, H', W', C)
                x = layers(tokens).flatten(0, 1).permute(0, 3, 1, 2)
            stages.append(x)
        finer = before if self.encoder.finer else ()
        logits, edges = self._in_parts(self._drawn, *finer, *stages, size=clips.shape[-2:])
        return Prediction(logits.unflatten(0, (b, t)), edges.unflatten(0, (b, t)))

    def begin_as_identity(self) -> None:
        """Set the last weights of the Temporal Mamba layers to 0: they change nothing until they have learnt."""
        for layer in self.temporal.modules():
            if isinstance(layer, TemporalMambaLayer):
                for last in (layer.mamba.leave, layer.detail.narrow):
                    for parameter in last.parameters():
                        nn.init.zeros_(parameter)

    def _advanced(self, number: int, x: Tensor) -> tuple[Tensor]:
        return (self.encoder.advance(number, x),)

    def _drawn(self, *features: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        fused = self.head(features)
        return F.interpolate(self.classify(fused), size, mode="bilinear"), self.boundary(fused)[:, 0]

    def _in_parts(
        self, function: Callable[..., tuple[Tensor, ...]], *frames: Tensor, **options: object
    ) -> tuple[Tensor, ...]:
        """Apply a function of single frames to all of them; outside training some at a time, to save memory."""
        if self.training:
            return function(*frames, **options)
        parts = zip(*(tensor.split(FRAMES_AT_ONCE) for tensor in frames), strict=True)
        with reduced_precision(self, frames[0]):
            columns = list(zip(*(function(*part, **options) for part in parts), strict=True))
        return tuple(torch.cat(column).float() for column in columns)
