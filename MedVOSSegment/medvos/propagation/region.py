"""The rectangle of the image plane that a network is given, resampled to a square."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from medvos.errors import InputError

# A wider region (in voxels) is the result of a wrong pixel size, and would not fit into memory.
_WIDEST = 4096


@dataclass(frozen=True)
class Region:
    """A rectangle in the image plane, which may extend beyond the image.

    Attributes
    ----------
    y, x: its first row and column in voxels.
    height, width: its size in voxels.
    side: pixels along one side of the square that the network is given.

    >>> region = Region(y=10, x=20, height=128, width=128, side=256)
    >>> square = region.extract(images)  # (N, C, Y, X) -> (N, C, 256, 256)
    >>> back = region.restore(square, images.shape[-2:])  # (N, C, Y, X), 0 outside the region
    """

    y: int
    x: int
    height: int
    width: int
    side: int

    def pixel_mm2(self, spacing: Sequence[float]) -> float:
        """Return the area of a pixel of the square, from the image's spacing (y, x) in mm."""
        return self.height * self.width / self.side**2 * spacing[0] * spacing[1]

    def crop(self, images: Tensor) -> Tensor:
        """Crop (..., Y, X) -> (..., height, width); 0 where the region extends beyond the image."""
        rows, cols = images.shape[-2:]
        pads = (-self.x, self.x + self.width - cols, -self.y, self.y + self.height - rows)
        return F.pad(images, pads)  # negative padding crops

    def contains(self, mask: NDArray[np.bool_]) -> bool:
        """Return whether every voxel of a mask (Y, X) lies in the region."""
        rows, cols = np.nonzero(mask)
        inside = (rows >= self.y) & (rows < self.y + self.height) & (cols >= self.x) & (cols < self.x + self.width)
        return bool(inside.all())

    def extract(self, images: Tensor) -> Tensor:
        """Crop and resample (N, C, Y, X) -> (N, C, side, side)."""
        box = self.crop(images)
        if (self.height, self.width) == (self.side, self.side):
            return box
        return F.interpolate(box, (self.side, self.side), mode="bilinear", antialias=True)

    def to_box(self, maps: Tensor) -> Tensor:
        """Resample (N, C, side, side) -> (N, C, height, width)."""
        if (self.height, self.width) == (self.side, self.side):
            return maps
        return F.interpolate(maps, (self.height, self.width), mode="bilinear", antialias=True)

    def place(self, box: Tensor, shape: tuple[int, int]) -> Tensor:
        """Put (..., height, width) into (..., Y, X), 0 outside the region."""
        pads = (self.x, shape[1] - self.x - self.width, self.y, shape[0] - self.y - self.height)
        return F.pad(box, pads)

    def restore(self, maps: Tensor, shape: tuple[int, int]) -> Tensor:
        """Resample and put (N, C, side, side) into (N, C, Y, X), 0 outside the region."""
        return self.place(self.to_box(maps), shape)


def check_width(sizes: Sequence[int], spacing: tuple[float, float]) -> None:
    """Refuse a region of so many voxels (y, x) that the pixel size in mm cannot be right.

    Raises
    ------
    InputError: the pixels are so small that a heart would be thousands of pixels wide.
    """
    if max(sizes) > _WIDEST:
        raise InputError(
            f"Pixels of {min(spacing):.2g} mm are too small to show a heart: correct the spacing in the header."
        )
