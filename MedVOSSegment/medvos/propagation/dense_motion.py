"""Dense motion of one slice around the beat, and masks of one phase carried along it.

Lucas-Kanade in its inverse compositional form (Baker & Matthews 2004) on an image pyramid, in plain torch: all phases
of a slice at once, without a package that Slicer lacks.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from medvos.propagation.slice_order import direction_weights

PYRAMID = 3  # images, each half as wide as the previous one
ITERATIONS = 2  # per image of the pyramid
RADIUS = 3  # of the window in pixels
NOISE = 5e-3  # added to the structure tensor, in squared grey per pixel; flat regions take the motion around them
SMOOTHING = 2  # radius of the mean filter over the motion, in pixels
ERROR_PX = 3.0  # forward-backward error, summed along a chain, at which the confidence is 1 / e
FEWEST_PHASES = 8  # with fewer phases the motion between two of them is too large


def dense_motion(fixed: Tensor, moving: Tensor) -> Tensor:
    """Return the displacement from each pixel of ``fixed`` to the same tissue in ``moving``.

    Parameters
    ----------
    fixed, moving: (N, H, W), grey in about [-2, 2].

    Returns
    -------
    (N, 2, H, W) in pixels, x first.

    Example
    -------
    >>> dense_motion(frames[:1], frames[1:2]).shape
    torch.Size([1, 2, 128, 128])
    """
    return _from_coarse_to_fine([_Fixed.of(image) for image in _pyramid(fixed)], _pyramid(moving))


def motion_both_ways(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Return the motion from ``one`` to ``other`` and back, (N, 2, H, W) each; faster than two of `dense_motion`.

    Example
    -------
    >>> there, back = motion_both_ways(frames[:1], frames[1:2])
    """
    pyramid = _pyramid(torch.cat([one, other]))
    swapped = [image.roll(len(one), 0) for image in pyramid]
    there, back = _from_coarse_to_fine([_Fixed.of(image) for image in pyramid], swapped).split(len(one))
    return there, back


class _Fixed(NamedTuple):
    """An image of the pyramid that others are matched with: (N, 1, h, w) grey, gradient and inverse structure tensor.

    The tensor is that of the inverse compositional form: it depends on the fixed image alone.
    """

    image: Tensor
    dx: Tensor
    dy: Tensor
    xx: Tensor
    xy: Tensor
    yy: Tensor

    @classmethod
    def of(cls, image: Tensor) -> _Fixed:
        dx, dy = _gradient(image)
        xx, xy, yy = (_blur(product, RADIUS) for product in (dx * dx, dx * dy, dy * dy))
        xx, yy = xx + NOISE, yy + NOISE
        determinant = xx * yy - xy * xy
        return cls(image, dx, dy, yy / determinant, -xy / determinant, xx / determinant)


def _pyramid(images: Tensor) -> list[Tensor]:
    """Return images (N, H, W) as (N, 1, h, w), each half as wide as the previous one."""
    pyramid = [_blur(images[:, None], 1)]
    for _ in range(PYRAMID - 1):
        pyramid.append(F.avg_pool2d(pyramid[-1], 2))
    return pyramid


def _from_coarse_to_fine(fixed: list[_Fixed], moving: list[Tensor]) -> Tensor:
    """Return the motion (N, 2, H, W), refined image by image of the pyramid."""
    coarsest = moving[-1]
    motion = coarsest.new_zeros(len(coarsest), 2, *coarsest.shape[-2:])
    for known, image in zip(reversed(fixed), reversed(moving), strict=True):
        if motion.shape[-2:] != image.shape[-2:]:
            motion = 2 * F.interpolate(motion, image.shape[-2:], mode="bilinear")
        motion = _refined(known, image, motion)
    return motion


def _refined(fixed: _Fixed, moving: Tensor, motion: Tensor) -> Tensor:
    """Improve the motion (N, 2, h, w) by Gauss-Newton steps on images (N, 1, h, w) of the pyramid."""
    for _ in range(ITERATIONS):
        error = sampled_at(moving, motion) - fixed.image
        ex, ey = _blur(fixed.dx * error, RADIUS), _blur(fixed.dy * error, RADIUS)
        step = torch.cat([fixed.xx * ex + fixed.xy * ey, fixed.xy * ex + fixed.yy * ey], 1)
        motion = _blur(motion - step.clamp(-1, 1), SMOOTHING)
    return motion


def _gradient(image: Tensor) -> tuple[Tensor, Tensor]:
    """Return the central differences of images (N, 1, h, w) along x and y."""
    padded = F.pad(image, (1, 1, 1, 1), mode="replicate")
    dx = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    dy = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    return dx, dy


def _blur(maps: Tensor, radius: int) -> Tensor:
    """Return the mean over a square window, taken twice, which is close to a Gaussian.

    As matrix products, which on a CPU are several times faster than pooling.
    """
    rows, columns = (_twice_mean(size, radius).to(maps) for size in maps.shape[-2:])
    return rows @ maps @ columns.T


@cache
def _twice_mean(size: int, radius: int) -> Tensor:
    """(size, size) matrix of the mean over neighbours within ``radius``, fewer at the ends, taken twice."""
    places = torch.arange(size)
    near = ((places[:, None] - places[None]).abs() <= radius).float()
    mean = near / near.sum(1, keepdim=True)
    return mean @ mean


def sampled_at(maps: Tensor, motion: Tensor) -> Tensor:
    """Sample maps (N, C, H, W) at each pixel plus its displacement (N, 2, H, W); the edge is repeated outside."""
    h, w = maps.shape[-2:]
    y, x = torch.meshgrid(
        torch.arange(h, dtype=maps.dtype, device=maps.device),
        torch.arange(w, dtype=maps.dtype, device=maps.device),
        indexing="ij",
    )
    grid = torch.stack([(x + motion[:, 0] + 0.5) * 2 / w - 1, (y + motion[:, 1] + 0.5) * 2 / h - 1], -1)
    return F.grid_sample(maps, grid, mode="bilinear", padding_mode="border", align_corners=False)


class MotionChain(NamedTuple):
    """Displacements from every phase to one phase of the beat, chained phase by phase in both directions.

    Attributes
    ----------
    origin: (2, T, 2, H, W) displacement in pixels from each phase to the start phase, forward and backward in time.
    error: (2, T, H, W) forward-backward errors in pixels, summed along the chain.
    weights: (2, T) of the two directions, by their steps from the start phase.
    """

    origin: Tensor
    error: Tensor
    weights: Tensor

    def carry(self, masks: Tensor) -> Tensor:
        """Carry masks (S, H, W) of the start phase to every phase: (T, S + 1, H, W), the confidence last."""
        directions, phases = self.origin.shape[:2]
        repeated = masks.expand(phases, -1, -1, -1)
        carried = torch.stack([sampled_at(repeated, origin) for origin in self.origin])  # (2, T, S, H, W)
        confidence = torch.exp(-self.error / ERROR_PX)[:, :, None]
        weights = self.weights.view(directions, phases, 1, 1, 1)
        return (weights * torch.cat([carried, confidence], 2)).sum(0)


def beat_motion(images: Tensor) -> Tensor:
    """Return the motion between successive phases of one slice; the first phase follows the last.

    Parameters
    ----------
    images: (T, H, W), normalised.

    Returns
    -------
    (2, T, 2, H, W) in pixels: from each phase to the previous and to the next phase.
    """
    pyramid = _pyramid(images)
    fixed = [_Fixed.of(image) for image in pyramid]
    others = [[image.roll(shift, 0) for image in pyramid] for shift in (1, -1)]
    return torch.stack([_from_coarse_to_fine(fixed, moving) for moving in others])


def chain_to(start: int, motion: Tensor) -> MotionChain:
    """Chain the motion (2, T, 2, H, W) of `beat_motion` from every phase to phase ``start``, in both directions.

    Example
    -------
    >>> chain_to(0, beat_motion(frames)).carry(masks)  # (T, S + 1, H, W)
    """
    phases = motion.shape[1]
    origin = torch.zeros_like(motion)
    error = torch.zeros(2, phases, *motion.shape[-2:], dtype=motion.dtype, device=motion.device)
    directions = torch.arange(2)
    for k in range(1, phases):
        phase, previous = (torch.tensor([start + steps, start - steps]) % phases for steps in (k, k - 1))
        step = motion[directions, phase]  # (2, 2, H, W)
        maps = torch.cat(
            [motion[1 - directions, previous], origin[directions, previous], error[directions, previous][:, None]], 1
        )
        back, onward, summed = sampled_at(maps, step).split([2, 2, 1], 1)
        origin[directions, phase] = step + onward
        x, y = (step + back).unbind(1)
        error[directions, phase] = summed[:, 0] + torch.hypot(x, y)  # many times faster than a norm over two
    drawn = np.zeros(phases, bool)
    drawn[start] = True
    weights = torch.from_numpy(np.stack(direction_weights(phases, start, drawn)))
    return MotionChain(origin, error, weights.to(motion))
