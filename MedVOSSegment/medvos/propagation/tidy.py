"""Taking crumbs out of a label map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# The RV can stand in two parts near the outflow tract; a crumb is what is much smaller than the largest part.
SMALL_COMPONENT_FRACTION = 0.2


def remove_small_components(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(Y, X) -> the same; parts of a structure under a fifth of its largest part become what surrounds them most."""
    tidy = labels.copy()
    for label in np.unique(labels[labels > 0]):
        parts, count = ndimage.label(labels == label)
        if count < 2:
            continue
        sizes = np.bincount(parts.ravel())[1:]
        for number in np.flatnonzero(sizes < SMALL_COMPONENT_FRACTION * sizes.max()) + 1:
            small_component = parts == number
            around = ndimage.binary_dilation(small_component) & ~small_component
            tidy[small_component] = np.bincount(labels[around]).argmax()
    return tidy
