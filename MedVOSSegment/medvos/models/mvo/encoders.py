"""Encoders of single images: frames for the static one, differences between frames for the motion one."""

from __future__ import annotations

from torch import Tensor

from medvos.models.efficientnet_lite import EfficientNetLite0
from medvos.models.mvo.config import MvoConfig
from medvos.models.resnet import ResNet


class GreyLite0(EfficientNetLite0):
    """(N, 1, H, W) -> features at strides 2, 4, 8 and 16; the image is all three colours."""

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return super().forward(x.expand(-1, 3, -1, -1))


def encoder(config: MvoConfig) -> ResNet | GreyLite0:
    """Return an encoder (N, 1, H, W) -> features at strides 2, 4, 8 and 16; ResNet-50 without conv5, as in STCN."""
    return ResNet(50, 1) if config.encoder == "resnet50" else GreyLite0()


def differences(frames: Tensor) -> Tensor:
    """Return (B, T, H, W) each frame less the next, the last less the first, because a heart beats in a cycle."""
    return frames - frames.roll(-1, 1)
