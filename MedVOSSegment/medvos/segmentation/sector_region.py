"""The square of an ultrasound image that the echo network is given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.cine.clip import Box
from medvos.propagation.region import Region

# Fraction of the square above the sector's tip, as in EchoNet-Dynamic, on which the network was trained.
ABOVE = 0.06
# A square view that fills the square by at least this fraction was cropped to its sector before.
WHOLE = 0.8


def region_of_sector(
    sector: NDArray[np.bool_], spacing: tuple[float, float], side: int, box: Box | None = None
) -> Region:
    """Return the region that shows a sector at the size and height that the network was trained on.

    >>> region_of_sector(sector, (0.5, 0.5), 112)  # doctest: +SKIP
    Region(y=12, x=100, height=420, width=420, side=112)

    Parameters
    ----------
    sector: (Y, X), not empty.
    spacing: (y, x) in mm.
    side: pixels along one side of the network's input.
    box: rows and columns of the view that the sector lies in; the whole image where None.
    """
    top, left, view_height, view_width = _ends(box, sector.shape)
    rows, columns = np.flatnonzero(sector.any(axis=1)), np.flatnonzero(sector.any(axis=0))
    depth = (rows[-1] + 1 - rows[0]) * spacing[0]
    length = depth / (1 - ABOVE)
    height, width = round(length / spacing[0]), round(length / spacing[1])
    middle = (columns[0] + columns[-1] + 1) / 2
    square = abs(view_height * spacing[0] / (view_width * spacing[1]) - 1) < 0.02
    if square and WHOLE < length / (view_height * spacing[0]) < 1 / WHOLE:
        return Region(top, left, view_height, view_width, side)
    return Region(round(rows[0] - ABOVE * height), round(middle - width / 2), height, width, side)


def is_whole_view(region: Region, shape: tuple[int, ...], box: Box | None = None) -> bool:
    """Return whether a region is a whole view of an image (Y, X): it was cropped to its sector, without burnt-in text.

    Parameters
    ----------
    region: of the network. shape: of the image. box: of the view; the whole image where None.
    """
    return (region.y, region.x, region.height, region.width) == _ends(box, shape)


def _ends(box: Box | None, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Top, left, height and width of the view."""
    if box is None:
        return 0, 0, shape[0], shape[1]
    rows, columns = box
    return rows.start, columns.start, rows.stop - rows.start, columns.stop - columns.start
