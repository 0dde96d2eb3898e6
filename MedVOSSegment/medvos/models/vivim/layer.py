"""Temporal Mamba layer (Yang et al. 2024)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.vivim.config import VivimConfig
from medvos.models.vivim.mamba import StMamba


class DetailFeedForward(nn.Module):
    """(B, T, H, W, C) -> the same: an MLP with a depthwise 3 x 3 x 3 convolution in its middle.

    The convolution is the sum of three over images, one each for the frame before, the frame and the frame after,
    which are several times faster than one over volumes.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.widen = nn.Linear(channels, width)
        self.before = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
        self.present = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.after = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
        self.narrow = nn.Linear(width, channels)

    def forward(self, x: Tensor) -> Tensor:
        b, t = x.shape[:2]
        frames = self.widen(x).flatten(0, 1).permute(0, 3, 1, 2)  # (B * T, C, H, W), channels last in memory
        y = self.present(frames).unflatten(0, (b, t))
        if t > 1:
            earlier = self.before(frames).unflatten(0, (b, t))[:, :-1]
            later = self.after(frames).unflatten(0, (b, t))[:, 1:]
            y = y + F.pad(earlier, (0, 0, 0, 0, 0, 0, 1, 0)) + F.pad(later, (0, 0, 0, 0, 0, 0, 0, 1))
        return self.narrow(F.gelu(y).movedim(2, -1))


class TemporalMambaLayer(nn.Module):
    """(B, T, H, W, C) -> the same: ST-Mamba and the detail-specific feed-forward, each normalised and residual."""

    def __init__(self, channels: int, config: VivimConfig) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.mamba = StMamba(channels, config.states, config.expand, config.scans)
        self.norm2 = nn.LayerNorm(channels)
        self.detail = DetailFeedForward(channels, config.detail_ratio * channels)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.mamba(self.norm1(x))
        return x + self.detail(self.norm2(x))
