"""Structures without a name: random parts of an image, so that the network follows any drawing."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from medvos_lab.motion.clips import inside
from medvos_lab.motion.flow import CONTROL, displacement, follow, look_up

BEND = 0.09  # half fields
SMALLEST, LARGEST = 0.06, 0.22  # half axes of a part, of the image's side
WALLS = (3, 10)  # pixels


def with_walls(masks: Tensor, rng: np.random.Generator) -> Tensor:
    """Return targets (B, k, H, W) int64: 1 in the masks, 2 in a band round them as wide in all frames of a clip."""
    targets = []
    for clip in masks.float():
        reach = int(rng.integers(*WALLS))
        grown = F.max_pool2d(clip[:, None], 2 * reach + 1, stride=1, padding=reach)[:, 0]
        targets.append(2 * grown - clip)
    return torch.stack(targets).long()


def half_of(masks: Tensor, rng: np.random.Generator) -> Tensor:
    """Return masks (k, H, W) bool of one side of a structure, cut through its centroid in each frame at one angle."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = (torch.arange(size, dtype=torch.float32) for size in masks.shape[1:])
    along = y[:, None] * np.sin(angle) + x * np.cos(angle)  # (H, W)
    middle = (along * masks).sum((1, 2)) / masks.sum((1, 2)).clamp(min=1)
    return masks & (along >= middle[:, None, None])


def sample_part(
    image: NDArray[np.uint8], slots: int, positions: Tensor, rng: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Sample an image that is bent more and more, and parts of it.

    Parameters
    ----------
    image: (Y, X) grey values.
    slots: how many parts.
    positions: (1, k, H, W, 2) of the probe.
    rng: random number generator.

    Returns
    -------
    images (1, k, H, W) in [0, 1], targets (1, k, H, W) int64, and (1, k, H, W, 2) where each frame's points were in
    the image.
    """
    k = positions.shape[1]
    coarse = torch.from_numpy(rng.normal(0, BEND * rng.random(), (1, 2, 4, 4)).astype(np.float32))
    velocity = F.interpolate(coarse, (CONTROL, CONTROL), mode="bicubic", align_corners=True)
    fraction = torch.from_numpy(np.concatenate([[0], np.sort(rng.random(k - 1))]).astype(np.float32))
    where = positions[0]
    at_first = follow(where, displacement(velocity.expand(k, -1, -1, -1), -fraction))
    parts = np.zeros((slots, *image.shape), np.float32)
    for slot in range(slots):
        parts[slot] = random_part(image, rng) & ~parts[:slot].any(0)
    maps = torch.from_numpy(np.concatenate([image[None].astype(np.float32) / 255, parts]))[None]
    seen = look_up(maps.expand(k, -1, -1, -1), at_first) * inside(where)[:, None]
    masks = seen[:, 1:] >= 0.5
    targets = (masks * torch.arange(1, slots + 1)[:, None, None]).amax(1)
    return seen[None, :, 0], targets[None], at_first[None]


def random_part(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return (Y, X) bool: an ellipse, mostly only its connected part about as bright as the centre."""
    side = min(image.shape)
    centre = rng.uniform(0.25, 0.75, 2) * image.shape
    axes = rng.uniform(SMALLEST, LARGEST, 2) * side
    angle = rng.uniform(0, np.pi)
    y, x = np.ogrid[: image.shape[0], : image.shape[1]]
    along = (y - centre[0]) * np.cos(angle) + (x - centre[1]) * np.sin(angle)
    across = (x - centre[1]) * np.cos(angle) - (y - centre[0]) * np.sin(angle)
    ellipse = (along / axes[0]) ** 2 + (across / axes[1]) ** 2 <= 1
    if rng.random() < 0.3:
        return ellipse
    smooth = ndimage.gaussian_filter(image.astype(np.float32), 0.015 * side)
    grey = smooth[tuple(centre.astype(int))]
    alike = ellipse & (np.abs(smooth - grey) <= 1.2 * max(float(smooth[ellipse].std()), 4.0))
    parts, _ = ndimage.label(alike)
    part = ndimage.binary_fill_holes(parts == parts[tuple(centre.astype(int))])
    return part if part.sum() >= 0.25 * ellipse.sum() else ellipse
