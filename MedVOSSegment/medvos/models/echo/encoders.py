"""Encoders of one frame: the U-Net's of the paper, and a compact one that starts from ImageNet weights."""

from __future__ import annotations

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.blocks import ConvNormAct
from medvos.models.echo.config import EchoConfig
from medvos.models.efficientnet_lite import EfficientNetLite0


class UNetEncoder(nn.Module):
    """(B, 1, H, W) -> features at strides 1, 2, 4 and so on (Ronneberger et al. 2015, with batch normalisation)."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.channels = channels
        self.levels = nn.ModuleList(
            nn.Sequential(ConvNormAct(c_in, c_out), ConvNormAct(c_out, c_out))
            for c_in, c_out in pairwise((1, *channels))
        )

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        features: list[Tensor] = []
        for level in self.levels:
            x = level(F.max_pool2d(x, 2) if features else x)
            features.append(x)
        return tuple(features)


class GreyLite0(EfficientNetLite0):
    """(B, 1, H, W) -> features at strides 2, 4, 8 and 16: EfficientNet-Lite0 with the frame as all three colours."""

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return super().forward(x.expand(-1, 3, -1, -1))


def encoder(config: EchoConfig) -> UNetEncoder | GreyLite0:
    """Return the encoder of one frame."""
    return UNetEncoder(config.channels) if config.encoder == "unet" else GreyLite0()
