"""Choose the region around a heart: from a seed, from the heart's centre alone, or for a clip."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from medvos.propagation.region import Region, check_width
from medvos.structures import LV, MYO, RV

# Long side of the bounding box of a mid-ventricular seed in a human heart: typical, smallest and largest, in mm.
# Outside these limits the heart is an animal's or the spacing is wrong, and the region is scaled to the seed instead.
_EXTENT_MM = {RV: (100.0, 55.0, 135.0), MYO: (72.0, 40.0, 110.0), LV: (50.0, 18.0, 90.0)}

# Within human limits the region's pixel size follows the heart's size between these factors: large and small hearts
# then have a similar size in the network's input, and each covers as many pixels as possible.
_SMALLEST_PIXEL, _LARGEST_PIXEL = 0.92, 1.1

# The shortest stack that covers a human heart. A small seed in a longer stack is the apex of a large heart.
_STACK_MM = 70.0

# Pixels this close to the wanted size are not resampled: it would blur the contour without need.
_NATIVE_BELOW, _NATIVE_ABOVE = 0.95, 1.05

# In a clip, a structure that is smaller than this fraction of the image gets a region of its own.
SMALLEST_FRACTION = 0.25

# Relative difference between both sides of a pixel from which it is no square.
OBLONG = 0.02


def region_of_seed(
    seed: NDArray[np.uint8], spacing: tuple[float, float], pixel_mm: float, side: int, stack_mm: float = 0.0
) -> Region:
    """Return the region around a drawn slice, scaled to the size of the heart.

    Parameters
    ----------
    seed: (Y, X) labels, not all 0.
    spacing: (y, x) in mm.
    pixel_mm: the network's pixel size for a heart of typical size.
    side: the network's pixels along one side, a multiple of 16.
    stack_mm: length of the stack of slices; 0 where the seed is known to be a mid-ventricular slice.

    Raises
    ------
    InputError: the pixels are so small that a heart would be thousands of pixels wide.
    """
    rows, cols = np.nonzero(seed)
    spans = (int(np.ptp(rows)) + 1, int(np.ptp(cols)) + 1)
    extent = max(span * mm for span, mm in zip(spans, spacing, strict=True))
    pixel = pixel_mm * _scale(extent, set(np.unique(seed).tolist()), pixel_mm * side, stack_mm)
    sizes, corners = [], []
    for mm, ends in zip(spacing, ((rows.min(), rows.max() + 1), (cols.min(), cols.max() + 1)), strict=True):
        native = _NATIVE_BELOW <= mm / pixel <= _NATIVE_ABOVE and max(spacing) / min(spacing) < 1.02
        twice_centre = int(ends[0] + ends[1])
        size = side if native else math.ceil(side * pixel / mm)
        if not native:
            size += (size + twice_centre) % 2  # whole voxels on both sides: a mirrored seed gets the mirrored region
        sizes.append(size)
        corners.append((twice_centre - size) // 2)
    check_width(sizes, spacing)
    y, x = corners
    return Region(y, x, sizes[0], sizes[1], side)


def region_of_typical_heart(
    centre: tuple[float, float], spacing: tuple[float, float], pixel_mm: float, side: int
) -> Region:
    """Return the region of a heart of typical size whose centre (y, x) is known in voxels.

    Parameters
    ----------
    centre: (y, x) in voxels.
    spacing: (y, x) in mm.
    pixel_mm: the network's pixel size for a heart of typical size.
    side: the network's pixels along one side.
    """
    field = side * pixel_mm
    height, width = (round(field / mm) for mm in spacing)
    return Region(round(centre[0] - height / 2), round(centre[1] - width / 2), height, width, side)


def region_of_clip(drawn: NDArray[np.bool_], side: int, spacing: tuple[float, float] = (1.0, 1.0)) -> Region:
    """Return the square that holds a clip's whole image or, around a small structure, one four times as wide as it.

    Parameters
    ----------
    drawn: (Y, X), where any structure was drawn.
    side: the network's pixels along one side.
    spacing: (y, x) of the pixels; a square of oblong pixels has more of them along one side.
    """
    steps = np.array(spacing) / min(spacing)
    steps[np.abs(steps - 1) < OBLONG] = 1
    ends = [np.flatnonzero(drawn.any(axis)) for axis in (1, 0)]
    extent = max((int(np.ptp(one)) + 1) * step for one, step in zip(ends, steps, strict=True))
    widest = max(length * step for length, step in zip(drawn.shape, steps, strict=True))
    size = min(widest, max(round(extent / SMALLEST_FRACTION), 1))
    if size == widest:
        centre = [length / 2 for length in drawn.shape]
    else:
        centre = [(one[0] + one[-1] + 1) / 2 for one in ends]
    height, width = (max(round(size / step), 1) for step in steps)
    return Region(round(centre[0] - height / 2), round(centre[1] - width / 2), height, width, side)


def _scale(extent: float, labels: set[int], field: float, stack_mm: float) -> float:
    """Return the pixel size for a seed of this extent (mm), relative to that for a typical heart."""
    for label in (RV, MYO, LV):
        if label in labels:
            typical, smallest, largest = _EXTENT_MM[label]
            if extent > largest:
                return extent / typical
            small = max(extent / typical, stack_mm / _STACK_MM)
            if small < smallest / typical:
                return small
            return min(max(extent / typical, _SMALLEST_PIXEL), _LARGEST_PIXEL)
    # A structure of unknown size: enlarge the region only until the structure fills half of it.
    return max(1.0, 2 * extent / field)
