"""Uncertainty-driven refinement: pixels with two almost equally likely classes are decided by sure pixels nearby."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.blocks import ConvNormAct

NEIGHBOURHOOD = 7  # pixels
EMPTY = 1e-3


def doubt(probabilities: Tensor) -> Tensor:
    """Return (B, 1, H, W) exp(1 - M1 / M2) of the two largest of (B, C, H, W), 1 where they are equal."""
    first, second = probabilities.topk(2, 1).values.split(1, 1)
    return torch.exp(1 - first / second.clamp_min(1e-4))


class Refinement(nn.Module):
    """Adds U E to the logits of the initial mask M.

    E_i = MaxPool(M_i) f(F1, R_i) and R_i = AvgPool(M_i F1) / AvgPool(M_i), in neighbourhoods of 7 x 7 pixels:
    R_i is what class i looks like nearby, f compares a pixel with it, and the greatest likelihood nearby says whether
    the class is there at all.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alike = nn.Sequential(ConvNormAct(2 * channels, channels, 1), nn.Conv2d(channels, 1, 3, padding=1))

    def forward(self, logits: Tensor, features: Tensor) -> Tensor:
        """
        Parameters
        ----------
        logits: (B, C, H, W) of M.
        features: (B, F, H, W), the finest.
        """
        likely = logits.softmax(1)
        return logits + doubt(likely) * torch.cat([self._evidence(m, features) for m in likely.split(1, 1)], 1)

    def _evidence(self, likely: Tensor, features: Tensor) -> Tensor:
        half = NEIGHBOURHOOD // 2
        fraction = F.avg_pool2d(likely, NEIGHBOURHOOD, 1, half)
        reference = F.avg_pool2d(likely * features, NEIGHBOURHOOD, 1, half) / (fraction + EMPTY)
        there = F.max_pool2d(likely, NEIGHBOURHOOD, 1, half)
        return there * self.alike(torch.cat([features, reference], 1))
