"""Sizes of a CSTM network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medvos.models.config import NetworkConfig

Matching = Literal["plmm", "dense"]


@dataclass(frozen=True)
class CstmConfig(NetworkConfig):
    """Sizes that fix a network's weights and its region of interest.

    Attributes
    ----------
    encoder: key encoder, ``resnet50`` as in the paper or ``efficientnet-lite0``.
    group: structures that are encoded and decoded together; 1 is STCN's one pass per structure.
    key_channels: Ck at strides 8 and 16.
    value_channels: Cv at strides 8 and 16.
    patch: P at stride 16; stride 8 uses 2P.
    top_patches: K.
    decoder_channels: widths at strides 16, 8, 4, 2 and 1; a decoder of three widths stops at stride 4 as STCN's does.
    region: side of the square region of interest in pixels.
    pixel_mm: in-plane pixel of the region of interest in mm, for a heart of typical size.
    slice_context: the frame's three input channels are the slice below, the slice itself and the slice above.
    local_memory: the decoder also sees the newest memory entry's values where they lie, unmatched.
    motion: the decoder also sees masks carried along the motion of the images (`medvos.models.cstm.motion_prior`).
    matching: ``plmm`` (CSTM) or ``dense`` (STCN); the weights fit either.
    """

    encoder: Literal["resnet50", "efficientnet-lite0"] = "efficientnet-lite0"
    group: int = 3
    key_channels: int = 32
    value_channels: tuple[int, int] = (64, 128)
    patch: int = 4
    top_patches: int = 4
    decoder_channels: tuple[int, ...] = (112, 64, 64, 48, 24)
    region: int = 128
    pixel_mm: float = 1.3
    slice_context: bool = True
    local_memory: bool = True
    motion: bool = False
    matching: Matching = "plmm"


CSTM_COMPACT = CstmConfig()
CSTM_PAPER = CstmConfig(
    encoder="resnet50",
    group=1,
    value_channels=(256, 512),
    patch=6,
    decoder_channels=(512, 256, 256),
    region=384,
    pixel_mm=0.75,
    slice_context=False,
    local_memory=False,
)
