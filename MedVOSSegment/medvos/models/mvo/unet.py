"""Baseline: a U-Net that sees a beat's frames as channels of one image (Ronneberger et al. 2015)."""

from __future__ import annotations

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.blocks import ConvNormAct, UpBlock
from medvos.models.mvo.config import MvoConfig


class UNet(nn.Module):
    """(B, T, H, W) with the T of its configuration -> (B, 2, H, W) logits of background and obstruction."""

    def __init__(self, config: MvoConfig) -> None:
        super().__init__()
        widths = config.decoder_channels[::-1]
        self.downs = nn.ModuleList(
            nn.Sequential(ConvNormAct(c_in, c_out), ConvNormAct(c_out, c_out))
            for c_in, c_out in pairwise((config.frames, *widths))
        )
        self.ups = nn.ModuleList(UpBlock(narrow, wide, narrow) for wide, narrow in pairwise(config.decoder_channels))
        self.logits = nn.Conv2d(widths[0], 2, 3, padding=1)

    def forward(self, frames: Tensor) -> Tensor:
        x = frames
        found: list[Tensor] = []
        for down in self.downs:
            x = down(F.max_pool2d(x, 2) if found else x)
            found.append(x)
        for up, skip in zip(self.ups, found[-2::-1], strict=True):
            x = up(skip, x)
        return self.logits(x)
