"""The square around the left ventricle in which microvascular obstruction is predicted."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from medvos.propagation.region import Region, check_width
from medvos.structures import LV, MYO

# Side of the square relative to the longer side of the wall's bounding box at end-diastole.
FIELD = 1.6
# Part of a pixel of the network that is wall, above which it is judged: low, so that every voxel of the wall is.
WALL_PART = 0.25


def region_of_wall(labels: NDArray[np.uint8], side: int, spacing: tuple[float, float] = (1.0, 1.0)) -> Region:
    """Return the square (in mm) around the cavity and wall of all slices.

    Parameters
    ----------
    labels: (Z, Y, X) at end-diastole, with LV and Myo somewhere.
    side: pixels along one side of the network's input.
    spacing: (y, x) in mm.

    Raises
    ------
    InputError: the pixels are so small that a heart would be thousands of pixels wide.
    """
    ends = np.nonzero(np.isin(labels, (LV, MYO)).any(0))
    longest = max((int(np.ptp(places)) + 1) * mm for places, mm in zip(ends, spacing, strict=True))
    height, width = (math.ceil(round(FIELD * longest / mm, 6)) for mm in spacing)
    check_width((height, width), spacing)
    y, x = (
        round((int(places.min()) + int(places.max()) + 1 - size) / 2)
        for places, size in zip(ends, (height, width), strict=True)
    )
    return Region(y, x, height, width, side)
