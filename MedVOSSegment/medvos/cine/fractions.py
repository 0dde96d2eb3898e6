"""Values from 0 to 1, such as uncertainty, as bytes: a file is a fifth as large as in single precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 255
# The header's slope, with which every program multiplies the bytes. 1/255 is rounded up in single precision, and the
# next number below it keeps 255 steps from exceeding 1.
SLOPE = np.nextafter(np.float32(1 / STEPS), np.float32(0))


def in_steps(fractions: NDArray[np.floating] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return values from 0 to 1 as the nearest of 255 steps; steps (uint8) as they are.

    >>> in_steps(np.array([0.0, 0.5, 1.0])).tolist()
    [0, 128, 255]
    """
    if fractions.dtype == np.uint8:
        return fractions.astype(np.uint8, copy=False)
    return np.rint(np.asarray(fractions, np.float32) * STEPS).astype(np.uint8)


def from_steps(steps: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the values (float32) that any program reads from a file of these steps.

    >>> from_steps(np.array([0, 255], np.uint8)).round(6).tolist()
    [0.0, 1.0]
    """
    return (steps * np.float64(SLOPE)).astype(np.float32)
