"""Heads: from the stages' features to the logits, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.blocks import ConvNormAct, UpBlock
from medvos.models.vivim.config import VivimConfig


class MlpHead(nn.Module):
    """All stages projected to one width, joined at the finest of them and fused (SegFormer, Xie et al. 2021)."""

    def __init__(self, dims: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.projections = nn.ModuleList(nn.Conv2d(dim, width, 1) for dim in dims)
        self.fuse = ConvNormAct(len(dims) * width, width, 1)
        self.width = width

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Stages, finest first -> (B, width, H', W')."""
        size = features[0].shape[-2:]
        projected = [project(f) for project, f in zip(self.projections, features, strict=True)]
        return self.fuse(torch.cat([F.interpolate(p, size, mode="bilinear") for p in projected], 1))


class ConvHead(nn.Module):
    """Step by step to the resolution of the finest features, whose detail a contour needs."""

    def __init__(self, dims: tuple[int, ...], widths: tuple[int, ...]) -> None:
        super().__init__()
        self.compress = ConvNormAct(dims[-1], widths[0])
        self.ups = nn.ModuleList(
            UpBlock(skip, wide, narrow) for skip, (wide, narrow) in zip(dims[-2::-1], pairwise(widths), strict=True)
        )
        self.width = widths[-1]

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """As `MlpHead.forward`."""
        x = self.compress(features[-1])
        for up, skip in zip(self.ups, features[-2::-1], strict=True):
            x = up(skip, x)
        return x


def head(config: VivimConfig, finer: tuple[int, ...]) -> MlpHead | ConvHead:
    """Return the head of this configuration; ``finer`` are the channels of features before the first stage."""
    if config.encoder == "mit":
        return MlpHead(config.dims, config.head)
    return ConvHead((*finer, *config.dims), config.decoder_channels)
