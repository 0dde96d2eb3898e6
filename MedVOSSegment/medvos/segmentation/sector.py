"""Find the sector of an ultrasound clip: what the probe images, without the text, scales and curves around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LIVELY = 2.0  # change of speckle from frame to frame, in grey values of 255; codecs change text by less
SEEN = 12.0  # grey value of 255 that tissue reaches at some time
SMALLEST_FRACTION = 0.05  # of the image
LARGEST_FRACTION = 0.97  # of the image; a larger one is a video of something else
THIN = 0.02  # of the image's shorter side: curves and letters are thinner


def find_sector(brightest: NDArray[np.float32], change: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """Return the sector as a convex mask (Y, X), or None where the clip shows none.

    Tissue is bright at some time and changes all the time; burnt-in graphics stand still or are thin.

    Parameters
    ----------
    brightest: (Y, X) largest grey value of every pixel over the clip, 0 to 255.
    change: (Y, X) mean absolute difference between successive frames.
    """
    from scipy import ndimage
    from skimage.morphology import convex_hull_image

    radius = max(1, round(THIN * min(brightest.shape) / 2))
    lively = ndimage.uniform_filter(change, 2 * radius + 1) > min(LIVELY, _large_change(change) / 2)
    tissue = lively & (ndimage.uniform_filter(brightest, 2 * radius + 1) > SEEN)
    disk = np.hypot(*np.mgrid[-radius : radius + 1, -radius : radius + 1]) <= radius
    tissue = ndimage.binary_opening(tissue, disk, iterations=2)
    parts, count = ndimage.label(tissue)
    if not count:
        return None
    largest = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])
    sector = np.asarray(convex_hull_image(largest), bool)
    return sector if SMALLEST_FRACTION <= sector.mean() <= LARGEST_FRACTION else None


def _large_change(change: NDArray[np.float32]) -> float:
    """The 90th percentile of the change."""
    return float(np.percentile(change, 90))
