"""Building blocks that the networks share; all map (B, C, H, W) to (B, C, H, W)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvNormAct(nn.Sequential):
    """Convolution, batch normalisation and ReLU, with the spatial size divided by the stride."""

    def __init__(self, c_in: int, c_out: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(c_out),
            nn.ReLU(inplace=True),
        )


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions round a shortcut, which is projected where the width or the stride changes."""

    def __init__(self, c_in: int, c_out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = ConvNormAct(c_in, c_out, stride=stride)
        self.conv2 = nn.Sequential(nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False), nn.BatchNorm2d(c_out))
        same = c_in == c_out and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(c_in, c_out, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv2(self.conv1(x)) + self.shortcut(x), inplace=True)


class UpBlock(nn.Module):
    """Doubles the resolution of ``x``, adds the projected skip features and refines the sum (STCN's decoder step).

    ``extra`` has the width and the resolution of the output and is added before the refinement.
    """

    def __init__(self, c_skip: int, c_in: int, c_out: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(c_in, c_out, 1, bias=False)
        self.skip = nn.Conv2d(c_skip, c_out, 3, 1, 1)
        self.refine = ResidualBlock(c_out, c_out)

    def forward(self, skip: Tensor, x: Tensor, extra: Tensor | None = None) -> Tensor:
        # Reducing before upsampling gives the same result at a quarter of the cost: both are linear.
        summed = self.skip(skip) + F.interpolate(self.reduce(x), scale_factor=2.0, mode="bilinear")
        return self.refine(summed if extra is None else summed + extra)


class Cbam(nn.Module):
    """Channel attention, then spatial attention (Woo et al. 2018)."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(channels // reduction, 4)
        self.mlp = nn.Sequential(nn.Linear(channels, hidden), nn.ReLU(inplace=True), nn.Linear(hidden, channels))
        self.spatial = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        channel = self.mlp(x.mean((2, 3))) + self.mlp(x.amax((2, 3)))
        x = x * torch.sigmoid(channel)[:, :, None, None]
        pooled = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        return x * torch.sigmoid(self.spatial(pooled))


def key_projection(c_in: int, c_key: int) -> nn.Conv2d:
    """Return a 3x3 convolution with orthogonal weights, which preserve distances (STCN)."""
    projection = nn.Conv2d(c_in, c_key, 3, padding=1)
    nn.init.orthogonal_(projection.weight.data)
    nn.init.zeros_(projection.bias.data)  # type: ignore[union-attr]
    return projection
