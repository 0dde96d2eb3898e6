"""Remove small disconnected components from a label map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# The RV can have two components of similar size near the outflow tract: only much smaller ones are removed.
SMALL_COMPONENT_FRACTION = 0.2


def remove_small_components(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Relabel components (Y, X) below a fifth of their structure's largest one as the label that surrounds them most.

    >>> remove_small_components(np.array([[1, 1, 1, 1, 1, 1, 0, 0, 1, 0]], np.uint8))
    array([[1, 1, 1, 1, 1, 1, 0, 0, 0, 0]], dtype=uint8)
    """
    cleaned = labels.copy()
    for label in np.unique(labels[labels > 0]):
        components, count = ndimage.label(labels == label)
        if count < 2:
            continue
        sizes = np.bincount(components.ravel())[1:]
        for number in np.flatnonzero(sizes < SMALL_COMPONENT_FRACTION * sizes.max()) + 1:
            component = components == number
            around = ndimage.binary_dilation(component) & ~component
            cleaned[component] = np.bincount(labels[around]).argmax()
    return cleaned
