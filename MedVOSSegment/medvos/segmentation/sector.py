"""The sector of an ultrasound picture: where the probe looks, and not the text, scales and curves around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LIVELY = 2.0  # grey levels of 255 that speckle changes by from picture to picture; codecs change text by less
SEEN = 12.0  # grey levels of 255 that tissue reaches at some time
SMALLEST_FRACTION = 0.05  # of the picture
LARGEST_FRACTION = 0.97  # more, and it is no sector but a film of something
THIN = 0.02  # of the picture's shorter side: curves and letters are thinner


def find_sector(brightest: NDArray[np.float32], change: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """The sector as a convex mask (Y, X), or None where the picture shows none.

    Tissue is bright at some time and changes all the time; what is burnt in stands still, or is thin.

    Parameters
    ----------
    brightest: (Y, X) largest grey value of every pixel over the clip, 0 to 255.
    change: (Y, X) mean absolute difference between neighbouring pictures.
    """
    from scipy import ndimage
    from skimage.morphology import convex_hull_image

    radius = max(1, round(THIN * min(brightest.shape) / 2))
    lively = ndimage.uniform_filter(change, 2 * radius + 1) > min(LIVELY, _usual(change) / 2)
    tissue = lively & (ndimage.uniform_filter(brightest, 2 * radius + 1) > SEEN)
    disk = np.hypot(*np.mgrid[-radius : radius + 1, -radius : radius + 1]) <= radius
    tissue = ndimage.binary_opening(tissue, disk, iterations=2)
    parts, count = ndimage.label(tissue)
    if not count:
        return None
    largest = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])
    sector = np.asarray(convex_hull_image(largest), bool)
    return sector if SMALLEST_FRACTION <= sector.mean() <= LARGEST_FRACTION else None


def _usual(change: NDArray[np.float32]) -> float:
    """Change of a pixel that changes much."""
    return float(np.percentile(change, 90))
