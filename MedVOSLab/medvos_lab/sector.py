"""Sectors as other probes and settings show them: narrower, less deep, or without their tip."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from medvos.segmentation.sector_region import ABOVE

TIP = -1 + 2 * ABOVE  # half fields
CHANGED = 0.5  # fraction of the clips whose sector differs from the recorded one
HALF_ANGLE = (28.0, 50.0)  # degrees; recorded ones have about 45
DEEPEST = (1.3, 2.0)  # half fields from the tip
NEAREST = 0.2  # at most


def in_sector(positions: Tensor, rng: np.random.Generator) -> Tensor:
    """Return (B, k, H, W) bool: which pixels lie in a random sector of each clip, one for all its frames.

    >>> clips = clips * in_sector(positions, rng)

    Parameters
    ----------
    positions: (B, k, H, W, 2) where each pixel was recorded, in half fields.
    rng: random number generator.
    """
    count = len(positions)
    x, y = positions[..., 0], positions[..., 1] - TIP
    changed = rng.random(count) < CHANGED
    half_angle = np.where(changed, np.deg2rad(rng.uniform(*HALF_ANGLE, count)), np.pi)
    far = np.where(changed, rng.uniform(*DEEPEST, count), np.inf)
    near = np.where(changed, rng.uniform(-NEAREST, NEAREST, count), 0)
    angle, radius = torch.atan2(x, y).abs(), torch.hypot(x, y)
    low, high, widest = (torch.from_numpy(v.astype(np.float32))[:, None, None, None] for v in (near, far, half_angle))
    return (angle <= widest) & (radius <= high) & (radius >= low)
