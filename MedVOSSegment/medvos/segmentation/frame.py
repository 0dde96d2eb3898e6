"""What is found in one frame of a clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FrameResult:
    """
    Attributes
    ----------
    labels: (Y, X) uint8 label map.
    uncertainty: (Y, X) float32, 0 sure to 1.
    score: the chance that the mask is bad.
    fraction: of the square that the network sees, what the mask takes.
    middle: (y, x) of the mask in parts of that square, nan where there is none.
    """

    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.float32]
    score: float
    fraction: float
    middle: tuple[float, float]
