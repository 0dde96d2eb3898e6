"""Query encoder with its two heads, and mask encoder on top of its features."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from medvos.models.blocks import ConvNormAct, UpBlock, key_projection
from medvos.models.efficientnet_lite import EfficientNetLite0
from medvos.models.precision import reduced_precision
from medvos.models.resnet import ResNet
from medvos.models.tcmn.config import TcmnConfig


class FrameFeatures(NamedTuple):
    """All that is computed once for a frame; every tensor has B first."""

    query: Tensor  # (B, Ck, h, w), what the frame looks up
    key: Tensor  # (B, Ck, h, w), under which it is found
    base: Tensor  # (B, C, h, w)
    fine: Tensor  # twice the resolution of the base
    finest: Tensor  # four times

    def at(self, index: Tensor | slice) -> FrameFeatures:
        """Return the features of some frames of the batch."""
        return FrameFeatures(*(tensor[index] for tensor in self))


class QueryEncoder(nn.Module):
    """(B, 3, H, W) -> features, queries and keys at the stride of the memory."""

    def __init__(self, config: TcmnConfig) -> None:
        super().__init__()
        self.backbone = ResNet(50) if config.encoder == "resnet50" else EfficientNetLite0()
        f2, f4, f8, f16 = self.backbone.channels
        # An image of 112 pixels would have 7 x 7 places at stride 16, too few to match.
        self.join = UpBlock(f8, f16, config.base_channels) if config.encoder == "efficientnet-lite0" else None
        self.skips = (f8, f4) if self.join is None else (f4, f2)
        self.to_query = key_projection(config.base_channels, config.key_channels)
        self.to_key = key_projection(config.base_channels, config.key_channels)

    def forward(self, image: Tensor) -> FrameFeatures:
        with reduced_precision(self, image):
            f2, f4, f8, f16 = self.backbone(image)
            base, fine, finest = (f16, f8, f4) if self.join is None else (self.join(f8, f16), f4, f2)
            query, key = self.to_query(base), self.to_key(base)
        return FrameFeatures(query.float(), key.float(), base, fine, finest)


class MaskEncoder(nn.Module):
    """A mask by itself, joined with the query encoder's features of its frame -> value."""

    def __init__(self, config: TcmnConfig) -> None:
        super().__init__()
        self.stem: nn.Module = (
            _ResNetStem()
            if config.encoder == "resnet50"
            else nn.Sequential(
                ConvNormAct(1, 16, 5, stride=2), ConvNormAct(16, 32, stride=2), ConvNormAct(32, 48, stride=2)
            )
        )
        c_mask = 256 if config.encoder == "resnet50" else 48
        self.fuse = nn.Sequential(
            ConvNormAct(config.base_channels + c_mask, config.value_channels),
            nn.Conv2d(config.value_channels, config.value_channels, 3, padding=1),
        )

    def forward(self, frame: FrameFeatures, masks: Tensor) -> Tensor:
        """Return memory values (B, S, Cv, h, w) of masks (B, S, H, W) in [0, 1]."""
        b, s = masks.shape[:2]
        base = frame.base.repeat_interleave(s, 0)
        with reduced_precision(self, masks):
            shapes = self.stem(masks.flatten(0, 1)[:, None])  # (B * S, C, h, w)
            values = self.fuse(torch.cat([base, shapes], 1))
        return values.float().unflatten(0, (b, s))


class _ResNetStem(nn.Module):
    """ResNet-18 without its last stage."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = ResNet(18, 1)

    def forward(self, masks: Tensor) -> Tensor:
        return self.backbone(masks)[-1]
