"""Microvascular obstruction from cine without contrast agent (Yu et al. 2025): static and motion encoders, guided
decoder, uncertainty-driven refinement."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.blocks import ConvNormAct, ResidualBlock
from medvos.models.mvo.config import PARTS, MvoConfig
from medvos.models.mvo.encoders import differences, encoder
from medvos.models.mvo.guide import Guide
from medvos.models.mvo.refine import Refinement
from medvos.models.mvo.unet import UNet
from medvos.models.vivim.config import VivimConfig
from medvos.models.vivim.network import Vivim

# Log-odds of obstruction where there is no wall: none.
NOT_WALL = -20.0


class Deconvolution(nn.Module):
    """Double the resolution of ``x`` by a transposed convolution and joins the features of the finer level."""

    def __init__(self, c_in: int, c_skip: int, c_out: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(c_in, c_out, 2, 2)
        self.join = ConvNormAct(c_out + c_skip, c_out)
        self.refine = ResidualBlock(c_out, c_out)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.refine(self.join(torch.cat([self.up(x), skip], 1)))


class MvoNetwork(nn.Module):
    """The network or a baseline, confined to the wall of the left ventricle."""

    def __init__(self, config: MvoConfig) -> None:
        super().__init__()
        self.config = config
        designs = {"mvo": GuidedNetwork, "unet": UNet, "vivim": FirstOfVivim}
        self.body: nn.Module = designs[config.design](config)

    def forward(self, frames: Tensor, wall: Tensor) -> Tensor:
        """Return log-odds of obstruction in the first frame, (B, H, W).

        Parameters
        ----------
        frames: (B, T, H, W) evenly spaced over a beat from ED, normalised as in `medvos.propagation.region`.
        wall: (B, H, W) bool, the myocardium in the first frame.
        """
        logits = self.body(frames)
        return torch.where(wall, logits[:, 1] - logits[:, 0], NOT_WALL)

    @property
    def encoders(self) -> list[nn.Module]:
        """Those that can start from weights of other images."""
        return [] if isinstance(self.body, UNet) else self.body.encoders  # type: ignore[return-value]


class GuidedNetwork(nn.Module):
    """(B, T, H, W) -> (B, 2, H, W) logits of background and obstruction in the first frame."""

    def __init__(self, config: MvoConfig) -> None:
        super().__init__()
        self.static = encoder(config) if config.static else None
        self.motion = encoder(config) if config.motion else None
        self.motion_gain = config.motion_gain
        parts = frozenset(part for part in PARTS if getattr(config, part))
        channels, widths = encoder(config).channels[::-1], config.decoder_channels
        self.guides = nn.ModuleList(
            Guide(c, width, config.attention_channels, config.window, parts)
            for c, width in zip(channels, widths, strict=False)
        )
        self.ups = nn.ModuleList(Deconvolution(wide, narrow, narrow) for wide, narrow in pairwise(widths[:-1]))
        self.up = nn.ConvTranspose2d(widths[-2], widths[-1], 2, 2)
        self.finest = ConvNormAct(widths[-1] + 1, widths[-1])  # beside the first frame itself
        self.logits = nn.Conv2d(widths[-1], 2, 3, padding=1)
        self.refinement = Refinement(widths[-1]) if config.refined else None

    @property
    def encoders(self) -> list[nn.Module]:
        return [part for part in (self.static, self.motion) if part is not None]

    def forward(self, frames: Tensor) -> Tensor:
        motion = _levels(self.motion, self.motion_gain * differences(frames))
        static = _levels(self.static, frames)
        found = [guide(*pair) for guide, *pair in zip(self.guides, static, motion, strict=True)]
        x = found[0]
        for up, skip in zip(self.ups, found[1:], strict=True):
            x = up(x, skip)
        features = self.finest(torch.cat([F.relu(self.up(x)), frames[:, :1]], 1))
        logits = self.logits(features)
        return logits if self.refinement is None else self.refinement(logits, features)


class FirstOfVivim(nn.Module):
    """Baseline: compact Vivim's logits of the first frame, (B, T, H, W) -> (B, 2, H, W)."""

    def __init__(self, config: MvoConfig) -> None:
        super().__init__()
        self.vivim = Vivim(VivimConfig(classes=2, side=config.side))

    @property
    def encoders(self) -> list[nn.Module]:
        return [self.vivim.encoder]

    def forward(self, frames: Tensor) -> Tensor:
        return self.vivim(frames[:, :, None].expand(-1, -1, 3, -1, -1)).logits[:, 0]


def _levels(encode: nn.Module | None, images: Tensor) -> list[Tensor | None]:
    """Encode (B, T, H, W) to (B, T, C, h, w) of each level, the coarsest first; nothing without an encoder."""
    if encode is None:
        return [None] * 4
    flat = images.flatten(0, 1)[:, None].contiguous(memory_format=torch.channels_last)
    return [level.unflatten(0, images.shape[:2]) for level in encode(flat)[::-1]]
