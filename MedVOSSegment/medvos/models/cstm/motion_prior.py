"""Motion prior: masks carried along the motion of the images as a further input of the decoder."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HIDDEN = 16


class MotionPrior(nn.Module):
    """Turns carried masks and their confidence into features at strides 4 and 1, which the decoder adds to its own.

    The last convolutions start at zero: a network that gets this module computes the same as before until it is
    trained. No convolution has a bias, so that a frame without carried masks (all 0) adds nothing.

    Parameters
    ----------
    group: structures that are decoded together.
    widths: of the decoder at strides 4 and 1.
    """

    def __init__(self, group: int, widths: tuple[int, int]) -> None:
        super().__init__()
        self.group = group
        self.hidden = nn.ModuleList(nn.Conv2d(group + 1, HIDDEN, 3, padding=1, bias=False) for _ in widths)
        self.out = nn.ModuleList(nn.Conv2d(HIDDEN, width, 3, padding=1, bias=False) for width in widths)
        for convolution in self.out:
            nn.init.zeros_(convolution.weight)  # type: ignore[arg-type]

    def forward(self, carried: Tensor) -> tuple[Tensor, Tensor]:
        """(B, S + 1, H, W), confidence last -> (B * G, C, H/4, W/4) and (B * G, C, H, W)."""
        masks, confidence = carried[:, :-1], carried[:, -1:]
        b, s, h, w = masks.shape
        grouped = F.pad(masks, (0, 0, 0, 0, 0, -s % self.group)).reshape(b, -1, self.group, h, w)  # (B, G, group, H, W)
        n = grouped.shape[1]
        joined = torch.cat([grouped, confidence[:, None].expand(-1, n, -1, -1, -1)], 2).flatten(0, 1)
        at4, at1 = (
            out(F.relu(hidden(maps)))
            for hidden, out, maps in zip(self.hidden, self.out, (F.avg_pool2d(joined, 4), joined), strict=True)
        )
        return at4, at1
