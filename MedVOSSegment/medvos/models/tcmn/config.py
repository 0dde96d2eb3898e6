"""Sizes of a TCMN network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medvos.models.config import NetworkConfig


@dataclass(frozen=True)
class TcmnConfig(NetworkConfig):
    """Sizes that fix a network's weights and its input.

    Attributes
    ----------
    encoder: query encoder; ``resnet50`` matches at stride 16 as the paper does, ``efficientnet-lite0`` at stride 8.
    key_channels: Ck.
    value_channels: Cv of one structure.
    base_channels: to which the compact network joins its features of strides 8 and 16.
    decoder_channels: from the stride of the memory to the finest, each half the stride of the one before.
    side: pixels of the square image; a multiple of 16.
    """

    encoder: Literal["resnet50", "efficientnet-lite0"] = "efficientnet-lite0"
    key_channels: int = 32
    value_channels: int = 96
    base_channels: int = 64
    decoder_channels: tuple[int, int, int] = (80, 48, 24)
    side: int = 112


TCMN_COMPACT = TcmnConfig()
TCMN_PAPER = TcmnConfig(
    encoder="resnet50",
    key_channels=64,
    value_channels=512,
    base_channels=1024,
    decoder_channels=(512, 256, 256),
    side=384,
)
