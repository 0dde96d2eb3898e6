"""Sizes of Wu et al.'s network, and of Vivim in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medvos.models.config import NetworkConfig
from medvos.structures import LA, LV, MYO


@dataclass(frozen=True)
class EchoConfig(NetworkConfig):
    """Sizes that fix a network's weights and its input.

    Attributes
    ----------
    encoder: ``unet`` or ``efficientnet-lite0``; ``vivim`` is compact Vivim in place of the whole network, to compare
        with, of which only ``k`` and ``side`` can be chosen.
    k: consecutive frames that decide on the one in their middle (1, 3 or 5).
    shared_encoder: one encoder for all k frames, which is the paper's k = 1; else one for each place in time.
    structures: labels that the network finds; each has a probability of its own, so that a data set may lack some.
    gates: of the calibration: from cosines of the two frames' summaries, with kernels of its own for each neighbour;
        or from plain products, with the same kernels for all neighbours.
    channels: of the U-Net's levels, finest first; EfficientNet-Lite0 has its own.
    dilations: at which the calibration kernels are applied.
    decoder_channels: from the coarsest level to the finest.
    side: pixels of the square image; a multiple of 16.
    """

    encoder: Literal["unet", "efficientnet-lite0", "vivim"] = "efficientnet-lite0"
    k: int = 3
    shared_encoder: bool = False
    structures: tuple[int, ...] = (LV,)
    gates: Literal["cosine", "product"] = "product"
    channels: tuple[int, ...] = ()
    dilations: tuple[int, ...] = (1, 2)
    decoder_channels: tuple[int, ...] = (96, 64, 48, 32)
    side: int = 112

    def __post_init__(self) -> None:
        if self.k % 2 == 0:
            raise ValueError(f"k is {self.k}, but an even number of frames has no middle")

    @property
    def reach(self) -> int:
        """Frames on either side of the one in the middle."""
        return self.k // 2


STRUCTURES = (LV, MYO, LA)
ECHO_COMPACT = EchoConfig(structures=STRUCTURES, gates="cosine")
ECHO_VIVIM = EchoConfig(encoder="vivim", dilations=(), decoder_channels=(), structures=STRUCTURES)
ECHO_PAPER = EchoConfig(
    encoder="unet",
    # Those of the U-Net with bilinear upsampling, with which the network has the parameters of the paper's Table 7.
    channels=(64, 128, 256, 512, 512),
    dilations=(1, 2, 3),
    decoder_channels=(512, 512, 256, 128, 64),
    side=256,
    structures=STRUCTURES,
    gates="cosine",
)
