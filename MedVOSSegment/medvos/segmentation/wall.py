"""The square round the left ventricle in which microvascular obstruction is looked for."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from medvos.propagation.region import Region
from medvos.structures import LV, MYO

# Side of the square against the longer side of the box round the wall at end-diastole.
FIELD = 1.6


def region_of_wall(labels: NDArray[np.uint8], side: int, field: float = FIELD) -> Region:
    """The square round cavity and wall of all slices.

    Parameters
    ----------
    labels: (Z, Y, X) at end-diastole, with LV and Myo somewhere.
    side: pixels of the network's picture.
    field: side of the square as a part of the box's.
    """
    rows, cols = np.nonzero(np.isin(labels, (LV, MYO)).any(0))
    longest = max(int(np.ptp(rows)), int(np.ptp(cols))) + 1
    size = math.ceil(field * longest)
    y, x = (round((int(ends.min()) + int(ends.max()) + 1 - size) / 2) for ends in (rows, cols))
    return Region(y, x, size, size, side)
