"""Sizes of a Vivim network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medvos.models.config import NetworkConfig

# The orders in which tokens are scanned.
Scan = Literal["forward", "backward", "spatial"]
SCANS: tuple[Scan, ...] = ("forward", "backward", "spatial")


@dataclass(frozen=True)
class VivimConfig(NetworkConfig):
    """Sizes that fix a network's weights and its input.

    Attributes
    ----------
    encoder: what each frame goes through, ``mit`` (Mix Transformer) or ``efficientnet-lite0``.
    dims: channels of the stages at strides 4, 8, 16 and so on; EfficientNet-Lite0 has its own.
    depths, heads, reductions: blocks, attention heads and the reduction of keys and values in each MiT stage.
    temporal_depths: Temporal Mamba layers behind each stage.
    scans: orders in which a layer scans its tokens; each has parameters of its own.
    states: N of the selective scan.
    expand: width of ST-Mamba relative to its stage.
    detail_ratio: width of the detail-specific feed-forward relative to its stage.
    head: width of the MLP head (``mit``).
    decoder_channels: widths of the convolutional head at strides 16, 8, 4 and 2 (``efficientnet-lite0``).
    classes: background and the structures.
    side: pixels of the square image; a multiple of 32.
    pixel_mm: in-plane pixel of that image in mm, for a heart of typical size.
    """

    encoder: Literal["mit", "efficientnet-lite0"] = "efficientnet-lite0"
    dims: tuple[int, ...] = (24, 40, 112)
    depths: tuple[int, ...] = ()
    heads: tuple[int, ...] = ()
    reductions: tuple[int, ...] = ()
    temporal_depths: tuple[int, ...] = (0, 1, 2)
    scans: tuple[Scan, ...] = SCANS
    states: int = 8
    expand: int = 2
    detail_ratio: int = 2
    head: int = 0
    decoder_channels: tuple[int, ...] = (96, 64, 48, 32)
    classes: int = 4
    side: int = 128
    pixel_mm: float = 1.3


VIVIM_COMPACT = VivimConfig()
VIVIM_PAPER = VivimConfig(
    encoder="mit",
    dims=(64, 128, 320, 512),
    depths=(3, 4, 18, 3),
    heads=(1, 2, 5, 8),
    reductions=(8, 4, 2, 1),
    temporal_depths=(2, 2, 2, 2),
    states=16,
    detail_ratio=4,
    head=768,
    decoder_channels=(),
    side=256,
    pixel_mm=0.75,
)
