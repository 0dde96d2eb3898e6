"""Diffeomorphic paths: stationary velocities on a coarse grid and the displacements that follow from them.

Velocities and displacements are in half fields, so that images of all sizes share them: from -1 at one edge to 1 at
the other, x first, as `torch.nn.functional.grid_sample` has it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

CONTROL = 14  # velocities are given on CONTROL x CONTROL points
FINE = 28  # and integrated on FINE x FINE
SQUARINGS = 5


def identity(side: int) -> Tensor:
    """Return (side, side, 2) positions of the pixels."""
    ticks = (torch.arange(side) * 2 + 1) / side - 1
    return torch.stack(torch.meshgrid(ticks, ticks, indexing="xy"), -1)


def look_up(maps: Tensor, positions: Tensor) -> Tensor:
    """Sample (B, C, h, w) at (B, H, W, 2), linear between pixels, the border repeated; return (B, C, H, W)."""
    return F.grid_sample(maps, positions, mode="bilinear", padding_mode="border", align_corners=False)


def displacement(velocity: Tensor, fraction: Tensor) -> Tensor:
    """Integrate a velocity over a fraction of the time by scaling and squaring (Arsigny et al. 2006).

    Parameters
    ----------
    velocity: (B, 2, 14, 14).
    fraction: (B,), 1 the whole way, negative the way back.

    Returns
    -------
    (B, 2, 28, 28); x + displacement(x) and its counterpart of the opposite share undo each other.
    """
    fine = F.interpolate(velocity, (FINE, FINE), mode="bicubic", align_corners=False)
    moved = fine * fraction[:, None, None, None] / 2**SQUARINGS
    base = identity(FINE).to(moved)
    for _ in range(SQUARINGS):
        moved = moved + look_up(moved, base + moved.permute(0, 2, 3, 1))
    return moved


def follow(positions: Tensor, moved: Tensor) -> Tensor:
    """Return the positions (B, H, W, 2) to which a displacement (B, 2, 28, 28) takes these positions."""
    return positions + look_up(moved, positions).permute(0, 2, 3, 1)
