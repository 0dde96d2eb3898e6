"""Sizes and parts of the cine-MVO network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medvos.models.config import NetworkConfig

Design = Literal["mvo", "unet", "vivim"]
# What can be left out of the network, one row of the ablation each.
Part = Literal["static", "motion", "guided", "convolved", "refined"]
PARTS: tuple[Part, ...] = ("static", "motion", "guided", "convolved", "refined")


@dataclass(frozen=True)
class MvoConfig(NetworkConfig):
    """Sizes that fix a network's weights and its input.

    Attributes
    ----------
    design: ``mvo``, or a baseline: ``unet`` sees all frames as channels of one image, ``vivim`` is Vivim. The
        other fields except ``frames``, ``side`` and the U-Net's ``decoder_channels`` concern ``mvo`` only.
    encoder: ``resnet50`` as in the paper or ``efficientnet-lite0``.
    static: look at the frames.
    motion: look at the differences between them.
    guided: the frames ask the differences by attention; else both are added.
    convolved: the differences go through a temporal convolution of their own too, and what attention reads is added to
        both, weighed by channel, from 0 at the start of the training. Not in the paper.
    refined: the unsure part of the mask is decided anew from what the sure parts look like.
    attention_channels: of queries and keys.
    window: side of the windows within which a level's places attend to each other, in places.
    decoder_channels: widths at strides 16, 8, 4, 2 and 1; of the U-Net, from the coarsest level to the finest.
    motion_gain: factor of the differences; those of normalised frames have a standard deviation of about 0.12, the
        frames, for which the encoders' frozen statistics are, one of about 1.
    frames: of a beat that the network is given; all but the U-Net take any number.
    side: pixels of the square image, a multiple of 32.
    """

    design: Design = "mvo"
    encoder: Literal["resnet50", "efficientnet-lite0"] = "efficientnet-lite0"
    static: bool = True
    motion: bool = True
    guided: bool = True
    convolved: bool = True
    refined: bool = True
    attention_channels: int = 32
    window: int = 12
    decoder_channels: tuple[int, ...] = (96, 64, 48, 32, 16)
    motion_gain: float = 1.0
    frames: int = 10
    side: int = 96

    def __post_init__(self) -> None:
        if not (self.static or self.motion):
            raise ValueError("without frames and without differences there is nothing to look at")


MVO_COMPACT = MvoConfig()
MVO_PAPER = MvoConfig(
    encoder="resnet50",
    convolved=False,
    attention_channels=64,
    window=14,
    decoder_channels=(512, 256, 128, 64, 32),
    side=224,
)
UNET = MvoConfig(design="unet", decoder_channels=(256, 128, 64, 32, 16))
VIVIM = MvoConfig(design="vivim")
