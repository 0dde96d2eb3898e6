"""The segmentation of one frame of a clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FrameResult:
    """Labels, uncertainty and quality of one frame.

    Attributes
    ----------
    labels: (Y, X) uint8 label map.
    uncertainty: (Y, X) float32, 0 certain to 1.
    score: probability that the mask is bad.
    fraction: of the network's square input that the mask covers.
    middle: (y, x) centroid of the mask as fractions of that square; nan without a mask.
    """

    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.float32]
    score: float
    fraction: float
    middle: tuple[float, float]
