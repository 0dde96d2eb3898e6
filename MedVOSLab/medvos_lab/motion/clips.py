"""Clips from pairs: frames on the path from ED to ES and back, seen by a probe that moves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos_lab.motion.flow import displacement, follow, identity, look_up

# How often the middle frame is a real one (ED or ES), and how often the clip is one real frame repeated.
REAL, STILL = 0.7, 0.25
# Phase between neighbouring frames: 2 pi is one beat of 18 to 80 frames.
STEP = (0.08, 0.35)


class SampledBeat(NamedTuple):
    """Where in the beat the frames of B clips of k frames are."""

    fraction: Tensor  # (B, k) of the way from ED (0) to ES (1)
    still: Tensor  # (B,) bool


def sample_beat(count: int, k: int, rng: np.random.Generator) -> SampledBeat:
    """Draw random phases; the position follows a cosine, which stands still at ED and at ES."""
    middle = np.where(rng.random(count) < REAL, np.pi * rng.integers(0, 2, count), rng.uniform(0, 2 * np.pi, count))
    step = rng.uniform(*STEP, count)
    still = (rng.random(count) < STILL) & (np.sin(middle) ** 2 < 1e-6)
    offsets = np.arange(k) - k // 2
    phase = middle[:, None] + np.where(still, 0, step)[:, None] * offsets
    fraction = (1 - np.cos(phase)) / 2
    return SampledBeat(torch.from_numpy(fraction.astype(np.float32)), torch.from_numpy(still))


def sample_probe(
    still: NDArray[np.bool_],
    k: int,
    side: int,
    turn: float,
    flip: float,
    rng: np.random.Generator,
    depth: float = 0.09,
) -> Tensor:
    """Return (B, k, H, W, 2) sampling positions of each frame: one placement per clip, and the probe's own motion.

    Parameters
    ----------
    still: (B,) clips in which nothing moves.
    k: frames in a clip.
    side: pixels of the image.
    turn: greatest rotation in degrees.
    flip: how often a clip is mirrored.
    rng: random number generator.
    depth: standard deviation of the logarithm of the depth.
    """
    count = len(still)
    offsets = (np.arange(k) - k // 2) * ~still[:, None]  # (B, k)
    angle = np.deg2rad(rng.uniform(-turn, turn, (count, 1)) + rng.normal(0, 0.4, (count, 1)) * offsets)
    scale = np.exp(rng.normal(0, depth, (count, 1)))
    stretch = np.exp(rng.normal(0, 0.05, (count, 1)))
    mirror = np.where(rng.random((count, 1)) < flip, -1.0, 1.0)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    matrix = np.stack([cos * stretch * mirror, -sin / stretch, sin * stretch * mirror, cos / stretch], -1)
    shift = rng.normal(0, 0.07, (count, 1, 2)) + rng.normal(0, 0.008, (count, 1, 2)) * offsets[..., None]
    turned = torch.einsum("hwj,bkij->bkhwi", identity(side), torch.from_numpy(matrix.reshape(count, k, 2, 2)).float())
    return turned + torch.from_numpy(shift).float()[:, :, None, None]


def make_clips(
    images: Tensor, masks: Tensor, velocities: Tensor, fraction: Tensor, positions: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Make frames between ED and ES, blended from both, each carried along the path to the frame's phase.

    Parameters
    ----------
    images: (B, 2, Y, X) in [0, 1], ED and ES.
    masks: (B, 2, S, Y, X) in [0, 1], of S structures.
    velocities: (B, 2, 14, 14) from ED to ES.
    fraction: (B, k) of the way.
    positions: (B, k, H, W, 2) of the probe.

    Returns
    -------
    images (B, k, H, W), masks (B, k, S, H, W) bool, and (B, k, H, W, 2) where each frame's points were at ED, for what
    moves with the tissue.
    """
    b, k = fraction.shape
    flat, where = fraction.flatten(), positions.flatten(0, 1)
    along = velocities.repeat_interleave(k, 0)
    at_ed = follow(where, displacement(along, -flat))
    at_es = follow(where, displacement(along, 1 - flat))
    maps = torch.cat([images[:, :, None], masks], 2).repeat_interleave(k, 0)  # (B * k, 2, 1 + S, Y, X)
    # Sharper than the fraction itself, so that few frames are two speckle patterns at half their contrast.
    weight = (flat**2 / (flat**2 + (1 - flat) ** 2))[:, None, None, None]
    frames = (1 - weight) * look_up(maps[:, 0], at_ed) + weight * look_up(maps[:, 1], at_es)
    frames = (frames * inside(where)[:, None]).unflatten(0, (b, k))
    return frames[:, :, 0], frames[:, :, 1:] >= 0.5, at_ed.unflatten(0, (b, k))


def inside(positions: Tensor) -> Tensor:
    """Return (..., H, W) bool: whether positions (..., H, W, 2) are inside the image."""
    return (positions.abs() <= 1).all(-1)
