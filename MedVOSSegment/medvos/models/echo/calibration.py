"""Adaptive spatiotemporal semantic calibration (ASSC) of Wu et al. 2022 (Med Image Anal 78:102397)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

POOLED_SIDES = (1, 3, 5, 7)
POOLED = sum(side * side for side in POOLED_SIDES)  # M = 84
TEMPERATURE = 4.0  # at first: cosines of 1 and -1 give gates of .98 and .02


def pooled(x: Tensor) -> Tensor:
    """Pool (B, C, H, W) to (B, C, 84): adaptive maxima over 1, 3, 5 and 7 parts of each axis."""
    # PyTorch's own is wrong on Apple's GPUs, without an error, where the parts are not all of one size.
    maxima = adaptive_maxima if x.is_mps else F.adaptive_max_pool2d
    return torch.cat([maxima(x, side).flatten(2) for side in POOLED_SIDES], 2)


def adaptive_maxima(x: Tensor, side: int) -> Tensor:
    """Pool (B, C, H, W) to (B, C, side, side) as `torch.nn.functional.adaptive_max_pool2d` does, by slices only."""
    rows = torch.stack([x[:, :, part].amax(2) for part in _parts(x.shape[2], side)], 2)
    return torch.stack([rows[..., part].amax(3) for part in _parts(x.shape[3], side)], 3)


def _parts(length: int, count: int) -> list[slice]:
    """Return parts that cover an axis; they overlap where ``count`` does not divide ``length``."""
    return [slice(i * length // count, -(-(i + 1) * length // count)) for i in range(count)]


class Calibration(nn.Module):
    """Brings the features of the frame before or after to where the present frame has them, at one level.

    Which channels of the two frames go together, times a motion kernel that all samples share, makes convolution
    kernels for this pair of frames, which are applied to the neighbour at several dilations.

    ``cosine``: the summaries have unit length, and a learnt temperature scales their products. Products of raw
    summaries are in the hundreds after training, so that every gate is 0 or 1 and passes no gradient.
    """

    def __init__(self, channels: int, dilations: tuple[int, ...], cosine: bool = True) -> None:
        super().__init__()
        self.dilations, self.cosine = dilations, cosine
        # The paper starts at 1. All output channels of equal kernels are nearly the same map, hence the noise.
        self.motion = nn.Parameter(1 + torch.randn(channels, channels, 3, 3))
        # Before the convolutions, because fold_batchnorm takes a normalisation behind one as the convolution's own.
        self.norm = nn.BatchNorm2d(channels)
        self.query = nn.Conv2d(channels, channels, 3, padding=1)
        self.key = nn.Conv2d(channels, channels, 3, padding=1)
        if cosine:
            self.temperature = nn.Parameter(torch.tensor(TEMPERATURE))

    def summary(self, features: Tensor, neighbour: bool) -> Tensor:
        """Return (B, C, 84) of a frame as a neighbour or as the present frame; it depends on no other frame."""
        maxima = pooled(self.query(features) if neighbour else self.key(features))
        if not self.cosine:
            return maxima
        # Maxima over larger parts are higher in every channel: without the mean only what differs is compared.
        return F.normalize(maxima - maxima.mean(2, keepdim=True), dim=2)

    def gates(self, query: Tensor, key: Tensor) -> Tensor:
        """Return (B, C present, C neighbour) in (0, 1): how far channels of two frames go together; of (B, C, 84)."""
        together = key @ query.transpose(1, 2)
        return torch.sigmoid(self.temperature * together if self.cosine else together / POOLED**0.5)

    def forward(self, features: Tensor, query: Tensor, key: Tensor) -> Tensor:
        """
        Parameters
        ----------
        features: (B, C, H, W) of the neighbour.
        query: (B, C, 84) summary of the neighbour.
        key: (B, C, 84) summary of the present frame.
        """
        b, c, h, w = features.shape
        # The mean over positions and input channels keeps the sum in range at every width.
        kernels = self.gates(query, key)[..., None, None] * self.motion / (9 * c)  # (B, C, C, 3, 3)
        stacked, kernels = features.reshape(1, b * c, h, w), kernels.flatten(0, 1)
        moved = sum(F.conv2d(stacked, kernels, padding=d, dilation=d, groups=b) for d in self.dilations)
        return self.norm(torch.as_tensor(moved).reshape(b, c, h, w))
