"""Taking crumbs out of a label map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# The RV can stand in two parts near the outflow tract; a crumb is what is much smaller than the largest part.
CRUMB_SHARE = 0.2


def without_crumbs(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(Y, X) -> the same without parts of a structure that are under a fifth of its largest part."""
    tidy = labels.copy()
    for label in np.unique(labels[labels > 0]):
        parts, count = ndimage.label(labels == label)
        if count < 2:
            continue
        sizes = np.bincount(parts.ravel())[1:]
        crumbs = np.flatnonzero(sizes < CRUMB_SHARE * sizes.max()) + 1
        tidy[np.isin(parts, crumbs)] = 0
    return tidy
