"""Move a border in maps of probability: the least certain pixels along it change sides first."""

from __future__ import annotations

import math

import torch
from torch import Tensor

MOST_OF_RADIUS = 0.2  # a small structure leaves little to disagree about
MOST_OF_AREA = 0.5  # of a structure that changes by its brightness
FEWEST_PIXELS = 20  # of a structure whose border is moved
_HALVINGS, _SURE = 12, 1e-4
_WIDEST = 8.0  # in log-odds
_MARGIN = 4  # pixels around the structure


def offset(area: float, other: float) -> float:
    """Return by how many pixels the border of a disc of ``area`` lies outside that of a disc of ``other`` pixels.

    >>> round(offset(110.0, 100.0), 2)
    0.28
    """
    return (area - other) / (2 * math.sqrt(math.pi * max((area + other) / 2, 1)))


def moved(probabilities: Tensor, inner: int, outer: int, pixels: Tensor, odds: Tensor | None = None) -> Tensor:
    """Return probabilities in which the border between two classes lies further out.

    The log-odds between the two are raised by the same amount everywhere in a frame, until the expected area of the
    inner one has grown by ``pixels`` times its circumference. So a border moves furthest where it is least certain, at
    trabeculae and papillary muscles, where readers differ most. What belongs to other classes stays.

    Parameters
    ----------
    probabilities: (T, C, H, W).
    inner, outer: classes.
    pixels: (T,), negative inwards; at most a fifth of the structure's radius is used. 0 leaves a frame as it is.
    odds: (T, H, W) added to the log-odds first, which says where it moves rather than how far.

    >>> moved(probabilities, inner=3, outer=2, pixels=torch.ones(len(probabilities)))
    """
    rows, cols = _around(probabilities[:, inner])
    box = probabilities[:, :, rows, cols]
    both, area = box[:, inner] + box[:, outer], box[:, inner].sum((1, 2))
    most = MOST_OF_RADIUS * (area / torch.pi).sqrt()
    pixels = pixels.to(area)
    around = 2 * (torch.pi * area.clamp(min=1)).sqrt()
    wanted = area + torch.minimum(torch.maximum(pixels, -most), most) * around
    start = _log_odds(box[:, inner], both) if odds is None else _log_odds(box[:, inner], both) + odds[:, rows, cols]
    low, high = torch.full_like(area, -_WIDEST), torch.full_like(area, _WIDEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_large = (both * (start + middle[:, None, None]).sigmoid()).sum((1, 2)) > wanted
        low, high = torch.where(is_large, low, middle), torch.where(is_large, middle, high)
    new = both * (start + ((low + high) / 2)[:, None, None]).sigmoid()
    moving = (pixels != 0) & (area >= FEWEST_PIXELS)
    return _divided(probabilities, inner, outer, new, moving, (rows, cols))


def with_odds(probabilities: Tensor, inner: int, outer: int, odds: Tensor, moving: Tensor) -> Tensor:
    """Return probabilities with (T, H, W) added to the log-odds between two classes, in the frames ``moving`` (T,).

    A frame of which the inner one would lose or gain more than half stays: that is no matter of style.

    >>> with_odds(probabilities, 3, 2, torch.zeros(2, 128, 128), torch.ones(2, dtype=torch.bool))
    """
    rows, cols = _around(probabilities[:, inner])
    box = probabilities[:, :, rows, cols]
    both = box[:, inner] + box[:, outer]
    new = both * (_log_odds(box[:, inner], both) + odds[:, rows, cols]).sigmoid()
    area, changed = box[:, inner].sum((1, 2)), (new.sum((1, 2)) - box[:, inner].sum((1, 2))).abs()
    fits = (area >= FEWEST_PIXELS) & (changed <= MOST_OF_AREA * area)
    return _divided(probabilities, inner, outer, new, moving & fits, (rows, cols))


def _log_odds(part: Tensor, whole: Tensor) -> Tensor:
    """Return those of a part of a probability, finite everywhere."""
    return (part / whole.clamp(min=1e-6)).clamp(_SURE, 1 - _SURE).logit()


def _divided(
    probabilities: Tensor, inner: int, outer: int, new: Tensor, moving: Tensor, box: tuple[slice, slice]
) -> Tensor:
    """Return probabilities with the sum of two classes divided anew in a box, in the frames ``moving`` (T,)."""
    rows, cols = box
    old = probabilities[:, inner, rows, cols]
    inside = torch.where(moving[:, None, None], new, old)
    result = probabilities.clone()
    result[:, inner, rows, cols] = inside
    result[:, outer, rows, cols] += old - inside
    return result.clamp(min=0)


def _around(maps: Tensor) -> tuple[slice, slice]:
    """Return the rows and columns in which a structure (T, H, W) is at all likely, and a margin."""
    likely = maps.amax(0) > _SURE
    ends = []
    for axis, size in ((1, maps.shape[1]), (0, maps.shape[2])):
        where = likely.any(axis).nonzero().flatten().tolist()
        ends.append(slice(max(where[0] - _MARGIN, 0), min(where[-1] + 1 + _MARGIN, size)) if where else slice(0, 0))
    return ends[0], ends[1]
