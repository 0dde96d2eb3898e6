"""Papillary style: the drawing of a reader who counts papillary muscles and trabeculae as myocardium."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medvos.structures import LV, MYO

# Between the grey of the myocardium (0) and that of the blood (1).
THRESHOLD = (0.35, 0.6)
SMALLEST_PX = 4
# A cavity that would lose more than this fraction is mostly muscle and partial volume; labels then stay unchanged.
LARGEST_LOSS = 0.5


def sample_threshold(
    image: NDArray[np.float32],
    labels: NDArray[np.uint8],
    rng: np.random.Generator,
    limits: tuple[float, float] = THRESHOLD,
) -> float | None:
    """Draw the grey below which the cavity is muscle; None where myocardium and blood are equally bright.

    Parameters
    ----------
    image: (Y, X) of the drawn slice.
    labels: (Y, X), the LV with its papillary muscles in it.
    rng: of the sample.
    limits: of the threshold, between myocardium (0) and blood (1).
    """
    wall, cavity = labels == MYO, labels == LV
    if wall.sum() < 20 or cavity.sum() < 20:
        return None
    dark, bright = float(np.median(image[wall])), float(np.quantile(image[cavity], 0.75))
    if bright - dark < 0.1:
        return None
    return dark + (bright - dark) * float(rng.uniform(*limits))


def without_muscles(
    images: NDArray[np.float32], labels: NDArray[np.uint8], threshold: float
) -> NDArray[np.uint8] | None:
    """Return labels (F, Y, X) with dark parts of the LV as myocardium; None where a cavity would lose too much."""
    new = labels.copy()
    for image, frame in zip(images, new, strict=True):
        cavity = frame == LV
        muscle = cavity & (ndimage.gaussian_filter(image, 0.5) < threshold)
        parts, count = ndimage.label(muscle)
        if count:
            sizes = np.bincount(parts.ravel())
            muscle &= (sizes >= SMALLEST_PX)[parts]
        if muscle.sum() > LARGEST_LOSS * cavity.sum():
            return None
        frame[muscle] = MYO
    return new
