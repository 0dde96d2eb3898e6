"""Simulated differences between scanners and from frame to frame: gain, shadows and speckle."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from medvos_lab.motion.flow import look_up

REJECTED = 0.12
GRAINS = (3, 5)  # pixels over which noise is averaged
PROBE_Y = -1.0  # half fields: the sector's tip is at the top, in the middle


def vary(clips: Tensor, at_ed: Tensor, still: NDArray[np.bool_], rng: np.random.Generator) -> Tensor:
    """Return grey values (B, k, H, W) in [0, 1] as another scanner would record them.

    Parameters
    ----------
    clips: the frames.
    at_ed: (B, k, H, W, 2) where the tissue of each pixel was at ED.
    still: (B,) clips whose frames stay alike.
    rng: random number generator.
    """
    clips = clips * _speckle(at_ed, still, rng) * _shadow(clips.shape, still, rng)
    return _gain(clips, still, rng)


def _normal(rng: np.random.Generator, spread: float, *shape: int) -> Tensor:
    return torch.from_numpy(rng.normal(0, spread, shape).astype(np.float32))


def _gain(clips: Tensor, still: NDArray[np.bool_], rng: np.random.Generator) -> Tensor:
    """Apply another grey curve and gain to the clip, another gain with depth, and a little from frame to frame."""
    b, k, h, _ = clips.shape
    gamma = torch.exp(_normal(rng, 0.3, b, 1, 1, 1))
    flicker = _normal(rng, 0.03, b, k, 1, 1) * torch.from_numpy(~still)[:, None, None, None]
    depth = torch.linspace(-1, 1, h)[:, None] * _normal(rng, 0.2, b, 1, 1, 1)
    gain = torch.exp(_normal(rng, 0.2, b, 1, 1, 1) + flicker + depth)
    # A reject level, below which scanners show black.
    black = torch.from_numpy(rng.uniform(-REJECTED, REJECTED, (b, 1, 1, 1)).astype(np.float32)).clamp(min=0)
    return (((clips.clamp(0, 1) - black).clamp(min=0) / (1 - black)) ** gamma * gain).clamp(0, 1)


def _speckle(at_ed: Tensor, still: NDArray[np.bool_], rng: np.random.Generator) -> Tensor:
    """Return multiplicative noise; part of it moves with the tissue, the rest is new in every frame."""
    b, k, h, w, _ = at_ed.shape
    fixed, fresh = _grains(rng, b, 1, h, w), _grains(rng, b, k, h, w)
    moving = look_up(fixed.repeat_interleave(k, 0), at_ed.flatten(0, 1)).unflatten(0, (b, k))[:, :, 0]
    kept = torch.from_numpy(np.where(still, 1, rng.uniform(0.3, 1, b)).astype(np.float32))[:, None, None, None]
    strength = torch.from_numpy(rng.uniform(0, 0.3, (b, 1, 1, 1)).astype(np.float32))
    return torch.exp(strength * (kept.sqrt() * moving + (1 - kept).sqrt() * fresh))


def _grains(rng: np.random.Generator, *shape: int) -> Tensor:
    """Return noise of unit variance whose grains are two or four pixels wide."""
    noise = torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))
    width = int(rng.choice(GRAINS))
    return width * F.avg_pool2d(noise, width, stride=1, padding=width // 2)


def _shadow(shape: torch.Size, still: NDArray[np.bool_], rng: np.random.Generator) -> Tensor:
    """Darken, in half of the clips, a wedge from the probe as a rib or air does; it sways with the frames."""
    b, k, h, w = shape
    y, x = torch.meshgrid(torch.linspace(-1, 1, h), torch.linspace(-1, 1, w), indexing="ij")
    angle = torch.atan2(x, y - PROBE_Y + 0.05)
    sway = _normal(rng, 0.01, b, k) * torch.from_numpy(~still)[:, None]
    centre = (torch.from_numpy(rng.uniform(-0.8, 0.8, (b, 1)).astype(np.float32)) + sway)[..., None, None]
    width = torch.from_numpy(rng.uniform(0.03, 0.15, (b, 1, 1, 1)).astype(np.float32))
    depth = np.where(rng.random(b) < 0.5, rng.uniform(0.2, 0.8, b), 0).astype(np.float32)
    wedge = torch.exp(-(((angle - centre) / width) ** 2))
    return 1 - torch.from_numpy(depth)[:, None, None, None] * wedge
