"""How much the reader goes by brightness: whether dark pixels of the cavity, papillary muscles above all, are wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from scipy.optimize import minimize
from torch import Tensor

# Slopes between which a reader is taken for one who draws papillary muscles as wall. On ACDC's validation patients all
# seeds of this style lie above 6, all others below 5.
BY_BRIGHTNESS = (4.0, 6.0)
_MOST = (8.0, 12.0)  # of bias and slope, in log-odds
_RIDGE = (0.01, 1.0)
_SURE, _FEWEST_PIXELS = 1e-3, 100
_CORE = 2  # pixels from the border of the cavity, where there is blood alone
_LEAST_CONTRAST = 0.1  # of images normalised to [-2, 2]


@dataclass(frozen=True)
class Grey:
    """A reader's log-odds of cavity against wall, beyond the network's: ``bias + slope * brightness``.

    Attributes
    ----------
    bias, slope: in log-odds.
    middle, contrast: mean of the grey of wall and blood, and their difference, in the drawn slice. Brightness is
        -0.5 in the wall and 0.5 in the blood.
    """

    bias: float
    slope: float
    middle: float
    contrast: float

    @property
    def share(self) -> float:
        """1 where brightness explains the drawing's difference from the network's, 0 where a moved border does."""
        low, high = BY_BRIGHTNESS
        return min(max((self.slope - low) / (high - low), 0.0), 1.0)

    def brightness(self, images: Tensor) -> Tensor:
        """Return that of normalised images of any shape, within -1 and 1."""
        return ((images - self.middle) / self.contrast).clamp(-1, 1)


def fit_grey(
    image: NDArray[np.float32],
    cavity: NDArray[np.bool_],
    wall: NDArray[np.bool_],
    back: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]],
) -> Grey | None:
    """Fit the reader's brightness to a drawn frame and to what the network predicts there; None where it cannot be.

    A logistic regression of cavity against wall in the drawing, to which the network's log-odds are a given addend.

    Parameters
    ----------
    image: (H, W), normalised.
    cavity, wall: (H, W), as drawn.
    back: probabilities (H, W) of cavity and of wall, of each prediction.

    >>> fit_grey(image, drawn == 3, drawn == 2, [(probabilities[3], probabilities[2])]).slope
    1.7
    """
    core = ndimage.binary_erosion(cavity, iterations=_CORE)
    if not core.any() or not wall.any():
        return None
    blood, muscle = float(np.median(image[core])), float(np.median(image[wall]))
    if blood - muscle < _LEAST_CONTRAST:
        return None
    grey = Grey(0.0, 0.0, (blood + muscle) / 2, blood - muscle)
    bright = grey.brightness(torch.from_numpy(image)).numpy()
    odds, brightness, is_cavity = [], [], []
    for inner, outer in back:
        both = inner + outer
        asked = (both > 0.5) & (cavity | wall)
        fraction = np.clip(inner[asked] / both[asked], _SURE, 1 - _SURE)
        odds.append(np.log(fraction / (1 - fraction)))
        brightness.append(bright[asked])
        is_cavity.append(cavity[asked])
    offset, x, y = (np.concatenate(each).astype(np.float64) for each in (odds, brightness, is_cavity))
    if len(y) < _FEWEST_PIXELS:
        return None

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Minus the log-likelihood and its gradient."""
        z = offset + parameters[0] + parameters[1] * x
        miss = 1 / (1 + np.exp(-z)) - y
        value = (np.logaddexp(0, z) - z * y).sum() + (np.multiply(_RIDGE, parameters**2)).sum() / 2
        return float(value), np.array([miss.sum(), (miss * x).sum()]) + np.multiply(_RIDGE, parameters)

    bounds = [(-most, most) for most in _MOST]
    bias, slope = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=bounds).x
    return Grey(float(bias), float(slope), grey.middle, grey.contrast)
