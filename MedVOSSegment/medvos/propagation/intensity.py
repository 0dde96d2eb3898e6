"""Image intensities as a network is given them: windowed and normalised, the darkest grey outside the image."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.cine.cine import Cine


def grey_window(box: NDArray[np.float32]) -> tuple[float, float]:
    """Return the intensities (1st and 99th percentile) that `normalise` maps to black and white."""
    low, high = (float(grey) for grey in np.percentile(box, (1, 99)))
    return low, high if high > low else low + 1


def normalise(images: Tensor, window: tuple[float, float]) -> Tensor:
    """Map intensities to [-2, 2], clipped at the ends of the window.

    >>> normalise(torch.tensor([0.0, 50.0, 200.0]), (0.0, 100.0))
    tensor([-2.,  0.,  2.])
    """
    low, high = window
    return (((images - low) / (high - low)).clamp(0, 1) - 0.5) / 0.25


def above_darkest(cine: Cine, images: NDArray[np.float32]) -> Tensor:
    """Return images of a cine as a tensor, its darkest intensity at 0.

    A region is 0 outside the image, which must look like the darkest tissue of this cine.
    """
    return torch.from_numpy(np.subtract(images, cine.array.min(), dtype=np.float32))
