"""The square of an ultrasound image that the echo network is given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.propagation.region import Region

# Fraction of the square above the sector's tip, as in EchoNet-Dynamic, on which the network was trained.
ABOVE = 0.06
# A square image that fills the square by at least this fraction was cropped to its sector before.
WHOLE = 0.8


def region_of_sector(sector: NDArray[np.bool_], spacing: tuple[float, float], side: int) -> Region:
    """Return the region that shows a sector at the size and height that the network was trained on.

    Parameters
    ----------
    sector: (Y, X), not empty.
    spacing: (y, x) in mm.
    side: pixels along one side of the network's input.
    """
    rows, columns = np.flatnonzero(sector.any(axis=1)), np.flatnonzero(sector.any(axis=0))
    depth = (rows[-1] + 1 - rows[0]) * spacing[0]
    length = depth / (1 - ABOVE)
    height, width = round(length / spacing[0]), round(length / spacing[1])
    middle = (columns[0] + columns[-1] + 1) / 2
    square = abs(sector.shape[0] * spacing[0] / (sector.shape[1] * spacing[1]) - 1) < 0.02
    if square and WHOLE < length / (sector.shape[0] * spacing[0]) < 1 / WHOLE:
        return Region(0, 0, sector.shape[0], sector.shape[1], side)
    return Region(round(rows[0] - ABOVE * height), round(middle - width / 2), height, width, side)


def is_whole_image(region: Region, shape: tuple[int, int]) -> bool:
    """Return whether a region is the whole image (Y, X): it was cropped to its sector, without burnt-in text."""
    return (region.y, region.x, region.height, region.width) == (0, 0, *shape)
