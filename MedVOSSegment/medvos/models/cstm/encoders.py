"""Key encoder (features of a frame) and value encoder (features of its masks)."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.blocks import Cbam, ConvNormAct, ResidualBlock, key_projection
from medvos.models.cstm.config import CstmConfig
from medvos.models.efficientnet_lite import EfficientNetLite0
from medvos.models.precision import reduced_precision
from medvos.models.resnet import ResNet


class FrameFeatures(NamedTuple):
    """Features that are computed once for a frame; every tensor has B first."""

    image: Tensor  # (B, 3, H, W)
    f2: Tensor
    f4: Tensor
    f8: Tensor
    f16: Tensor
    k8: Tensor  # (B, Ck, H/8, W/8)
    k16: Tensor  # (B, Ck, H/16, W/16)

    def at(self, index: Tensor | slice) -> FrameFeatures:
        """Return the features of some frames of the batch."""
        return FrameFeatures(*(tensor[index] for tensor in self))


class Values(NamedTuple):
    """Memory values of S structures in G groups at both scales."""

    v8: Tensor  # (B, G, Cv8, H/8, W/8)
    v16: Tensor  # (B, G, Cv16, H/16, W/16)

    def at(self, index: Tensor | slice) -> Values:
        """Return the features of some frames of the batch."""
        return Values(self.v8[index], self.v16[index])


class KeyEncoder(nn.Module):
    """(B, 3, H, W) -> features at strides 2 to 16 and keys at strides 8 and 16."""

    def __init__(self, config: CstmConfig) -> None:
        super().__init__()
        self.backbone = ResNet(50) if config.encoder == "resnet50" else EfficientNetLite0()
        self.channels = self.backbone.channels
        self.project8 = key_projection(self.channels[2], config.key_channels)
        self.project16 = key_projection(self.channels[3], config.key_channels)

    def forward(self, image: Tensor) -> FrameFeatures:
        with reduced_precision(self, image):
            f2, f4, f8, f16 = self.backbone(image)
            k8, k16 = self.project8(f8), self.project16(f16)
        return FrameFeatures(image, f2, f4, f8, f16, k8.float(), k16.float())


class _Fuser(nn.Module):
    """Key features and mask features -> values: residual block, CBAM, residual block (STCN)."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.block1 = ResidualBlock(c_in, c_out)
        self.attention = Cbam(c_out)
        self.block2 = ResidualBlock(c_out, c_out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block1(x)
        return self.block2(x + self.attention(x))


class _MaskStem(nn.Module):
    """A plain convolutional pyramid over image and masks, for the compact network: strides 8 and 16."""

    channels = (48, 64)

    def __init__(self, c_in: int) -> None:
        super().__init__()
        self.to8 = nn.Sequential(
            ConvNormAct(c_in, 16, 5, stride=2),
            ConvNormAct(16, 32, stride=2),
            ConvNormAct(32, 48, stride=2),
        )
        self.to16 = ConvNormAct(48, 64, stride=2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        f8 = self.to8(x)
        return f8, self.to16(f8)


class _ResNetStem(nn.Module):
    channels = (128, 256)

    def __init__(self, c_in: int) -> None:
        super().__init__()
        self.backbone = ResNet(18, c_in)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        _, _, f8, f16 = self.backbone(x)
        return f8, f16


class ValueEncoder(nn.Module):
    """Frame, masks of one group and the sum of all other masks -> values; the key encoder's features are reused."""

    def __init__(self, config: CstmConfig, key_channels: tuple[int, ...]) -> None:
        super().__init__()
        self.group = config.group
        paper = config.encoder == "resnet50"
        c_in = (3 if paper else 1) + config.group + 1
        self.image_channels = slice(None) if paper else slice(1, 2)
        self.stem: _ResNetStem | _MaskStem = _ResNetStem(c_in) if paper else _MaskStem(c_in)
        self.fuse8 = _Fuser(key_channels[2] + self.stem.channels[0], config.value_channels[0])
        self.fuse16 = _Fuser(key_channels[3] + self.stem.channels[1], config.value_channels[1])

    def forward(self, frame: FrameFeatures, masks: Tensor) -> Values:
        """Return the `Values` of ceil(S / group) groups for masks (B, S, H, W) in [0, 1]."""
        b, s, h, w = masks.shape
        padded = F.pad(masks, (0, 0, 0, 0, 0, -s % self.group))
        grouped = padded.reshape(b, -1, self.group, h, w)  # (B, G, group, H, W)
        n = grouped.shape[1]
        own = grouped.sum(2, keepdim=True)
        others = own.sum(1, keepdim=True) - own  # (B, G, 1, H, W)
        image = frame.image[:, None, self.image_channels].expand(-1, n, -1, -1, -1)
        f8 = frame.f8.repeat_interleave(n, 0)
        f16 = frame.f16.repeat_interleave(n, 0)
        with reduced_precision(self, masks):
            s8, s16 = self.stem(torch.cat([image, grouped, others], 2).flatten(0, 1))
            v8 = self.fuse8(torch.cat([f8, s8], 1))
            v16 = self.fuse16(torch.cat([f16, s16], 1))
        return Values(v8.float().unflatten(0, (b, n)), v16.float().unflatten(0, (b, n)))
