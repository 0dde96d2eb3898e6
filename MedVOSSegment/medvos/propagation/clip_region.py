"""What the network sees of a clip's frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.propagation.region import Region

# A structure that is smaller than this share of the picture is looked at from nearer.
SMALLEST_FRACTION = 0.25


def clip_region(drawn: NDArray[np.bool_], side: int) -> Region:
    """The whole picture, or round a small structure a square four times as wide as it is.

    Parameters
    ----------
    drawn: (Y, X), where any structure was drawn.
    side: pixels of the network's picture.
    """
    rows, cols = (np.flatnonzero(drawn.any(axis)) for axis in (1, 0))
    extent = max(int(np.ptp(rows)), int(np.ptp(cols))) + 1
    widest = max(drawn.shape)
    size = min(widest, max(round(extent / SMALLEST_FRACTION), 1))
    if size == widest:
        centre = [length / 2 for length in drawn.shape]
    else:
        centre = [(ends[0] + ends[-1] + 1) / 2 for ends in (rows, cols)]
    y, x = (round(middle - size / 2) for middle in centre)
    return Region(y, x, size, size, side)
