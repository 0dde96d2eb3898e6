"""The square region of interest round the seed in which the network works."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from medvos.errors import InputError
from medvos.structures import LV, MYO, RV

# Long side of the box round a mid-ventricular seed in a human heart: typical, smallest and largest, in mm. Outside
# these limits the heart is an animal's or the spacing is wrong, and the region is scaled to the seed instead.
_EXTENT_MM = {RV: (100.0, 55.0, 135.0), MYO: (72.0, 40.0, 110.0), LV: (50.0, 18.0, 90.0)}

# Within human limits the region's pixels follow the heart's size between these, so that large and small hearts look
# more alike to the network and each has as many pixels as the region can give it.
_SMALLEST_PIXEL, _LARGEST_PIXEL = 0.92, 1.1

# The shortest stack that covers a human heart. A small seed in a longer one is the apex of a large heart.
_STACK_MM = 70.0

# Pixels this close to the wanted size are taken as they are: resampling would blur the contour for nothing.
_NATIVE_BELOW, _NATIVE_ABOVE = 0.95, 1.05

# A region that is wider in voxels comes of a pixel size that cannot be right, and would not fit into memory.
_WIDEST = 4096


@dataclass(frozen=True)
class Region:
    """A box in the image plane, which may stand over the image's edge.

    Attributes
    ----------
    y, x: the box's first row and column in voxels.
    height, width: its size in voxels.
    side: pixels of the square that the network sees.
    """

    y: int
    x: int
    height: int
    width: int
    side: int

    def crop(self, images: Tensor) -> Tensor:
        """(..., Y, X) -> (..., height, width); what lies outside the image is 0."""
        rows, cols = images.shape[-2:]
        pads = (-self.x, self.x + self.width - cols, -self.y, self.y + self.height - rows)
        return F.pad(images, pads)  # negative padding crops

    def holds(self, mask: NDArray[np.bool_]) -> bool:
        """Whether all of a mask (Y, X) lies in the box."""
        rows, cols = np.nonzero(mask)
        inside = (rows >= self.y) & (rows < self.y + self.height) & (cols >= self.x) & (cols < self.x + self.width)
        return bool(inside.all())

    def extract(self, images: Tensor) -> Tensor:
        """(N, C, Y, X) -> (N, C, side, side)."""
        box = self.crop(images)
        if (self.height, self.width) == (self.side, self.side):
            return box
        return F.interpolate(box, (self.side, self.side), mode="bilinear", antialias=True)

    def to_box(self, maps: Tensor) -> Tensor:
        """(N, C, side, side) -> (N, C, height, width)."""
        if (self.height, self.width) == (self.side, self.side):
            return maps
        return F.interpolate(maps, (self.height, self.width), mode="bilinear", antialias=True)

    def place(self, box: Tensor, shape: tuple[int, int]) -> Tensor:
        """(..., height, width) -> (..., Y, X), 0 outside the box."""
        pads = (self.x, shape[1] - self.x - self.width, self.y, shape[0] - self.y - self.height)
        return F.pad(box, pads)


def region_round(
    seed: NDArray[np.uint8], spacing: tuple[float, float], pixel_mm: float, side: int, stack_mm: float = 0.0
) -> Region:
    """The region round a drawn slice.

    Parameters
    ----------
    seed: (Y, X) labels, not all 0.
    spacing: (y, x) in mm.
    pixel_mm: the network's pixel for a heart of typical size.
    side: the network's pixels along one side, a multiple of 16.
    stack_mm: length of the stack of slices; 0 where the seed is known to be a middle slice.

    Raises
    ------
    InputError: the pixels are so small that a heart would have thousands of them from side to side.
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
            size += (size + twice_centre) % 2  # whole voxels on both sides, so that a mirrored seed is seen mirrored
        sizes.append(size)
        corners.append((twice_centre - size) // 2)
    check_width(sizes, spacing)
    y, x = corners
    return Region(y, x, sizes[0], sizes[1], side)


def check_width(sizes: Sequence[int], spacing: tuple[float, float]) -> None:
    """Refuse a region of so many voxels (y, x), which come of a pixel size in mm that cannot be right.

    Raises
    ------
    InputError: the pixels are so small that a heart would have thousands of them from side to side.
    """
    if max(sizes) > _WIDEST:
        raise InputError(
            f"Pixels of {min(spacing):.2g} mm are too small to show a heart: correct the spacing in the header."
        )


def _scale(extent: float, labels: set[int], field: float, stack_mm: float) -> float:
    """Size of the region's pixels for a seed of this extent (mm), relative to the usual."""
    for label in (RV, MYO, LV):
        if label in labels:
            typical, smallest, largest = _EXTENT_MM[label]
            if extent > largest:
                return extent / typical
            small = max(extent / typical, stack_mm / _STACK_MM)
            if small < smallest / typical:
                return small
            return min(max(extent / typical, _SMALLEST_PIXEL), _LARGEST_PIXEL)
    # A structure of no known size: enlarge only so far that it fills half of the field.
    return max(1.0, 2 * extent / field)


def grey_window(box: NDArray[np.float32]) -> tuple[float, float]:
    """The intensities (1st and 99th percentile) that become black and white in the network's eyes."""
    low, high = (float(grey) for grey in np.percentile(box, (1, 99)))
    return low, high if high > low else low + 1


def normalise(images: Tensor, window: tuple[float, float]) -> Tensor:
    """Intensities -> about [-2, 2], clipped at the window's ends."""
    low, high = window
    return (((images - low) / (high - low)).clamp(0, 1) - 0.5) / 0.25
