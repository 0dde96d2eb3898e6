"""The square of a picture that the network sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

ABOVE = 0.06  # part of the square above the sector's tip, as in EchoNet-Dynamic, on which the network was trained
WHOLE = 0.8  # part of a square picture that the square would fill: the picture was cut to the sector before


@dataclass(frozen=True)
class Window:
    """A square in mm, which may reach beyond the picture.

    Attributes
    ----------
    top, left, height, width: in pixels.
    shape: (Y, X) of the picture.
    """

    top: int
    left: int
    height: int
    width: int
    shape: tuple[int, int]

    @property
    def is_whole(self) -> bool:
        """The picture was cut to the sector before, and what was burnt in taken out of it."""
        return (self.top, self.left, self.height, self.width) == (0, 0, *self.shape)

    def seen(self, image: NDArray[np.float32], side: int) -> Tensor:
        """A picture (Y, X) -> (side, side), 0 beyond its ends."""
        rows, columns = self._inside()
        square = np.zeros((self.height, self.width), np.float32)
        square[rows.start - self.top : rows.stop - self.top, columns.start - self.left : columns.stop - self.left] = (
            image[rows, columns]
        )
        return _resized(torch.from_numpy(square), (side, side))

    def back(self, seen: Tensor) -> NDArray[np.float32]:
        """A map (side, side) -> (Y, X), 0 outside the window."""
        square = _resized(seen, (self.height, self.width)).numpy()
        rows, columns = self._inside()
        image = np.zeros(self.shape, np.float32)
        image[rows, columns] = square[
            rows.start - self.top : rows.stop - self.top, columns.start - self.left : columns.stop - self.left
        ]
        return image

    def _inside(self) -> tuple[slice, slice]:
        ends = ((self.top, self.height, self.shape[0]), (self.left, self.width, self.shape[1]))
        rows, columns = (slice(max(first, 0), min(first + length, most)) for first, length, most in ends)
        return rows, columns


def window_round(sector: NDArray[np.bool_], spacing: tuple[float, float]) -> Window:
    """The window that shows a sector (Y, X) as large and as high in the picture as the network knows it.

    Parameters
    ----------
    sector: not empty.
    spacing: (y, x) in mm.
    """
    rows, columns = np.flatnonzero(sector.any(axis=1)), np.flatnonzero(sector.any(axis=0))
    depth = (rows[-1] + 1 - rows[0]) * spacing[0]
    side = depth / (1 - ABOVE)
    height, width = round(side / spacing[0]), round(side / spacing[1])
    middle = (columns[0] + columns[-1] + 1) / 2
    square = abs(sector.shape[0] * spacing[0] / (sector.shape[1] * spacing[1]) - 1) < 0.02
    if square and WHOLE < side / (sector.shape[0] * spacing[0]) < 1 / WHOLE:
        return Window(0, 0, sector.shape[0], sector.shape[1], (sector.shape[0], sector.shape[1]))
    top = round(rows[0] - ABOVE * height)
    return Window(top, round(middle - width / 2), height, width, (sector.shape[0], sector.shape[1]))


def _resized(image: Tensor, size: tuple[int, int]) -> Tensor:
    if image.shape == size:
        return image
    return F.interpolate(image[None, None], size=size, mode="bilinear", antialias=True)[0, 0]
