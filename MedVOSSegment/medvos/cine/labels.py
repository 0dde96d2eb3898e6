"""Check that an array is a label map: whole numbers from 0 to 255, in any data type."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError

LARGEST_LABEL = 255


def label_numbers(array: NDArray, name: str) -> NDArray[np.uint8]:
    """Return `array` as uint8; InputError, with its `name`, where a value is not a whole number from 0 to 255."""
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} holds no numbers: give a label image.")
    if array.dtype.kind == "f" and not (np.isfinite(array).all() and (array == np.round(array)).all()):
        raise InputError(f"{name} holds values that are not whole numbers: give labels, not an image or probabilities.")
    if array.size and (array.min() < 0 or array.max() > LARGEST_LABEL):
        raise InputError(f"{name} holds labels outside 0 to {LARGEST_LABEL}: renumber them (1 RV, 2 Myo, 3 LV).")
    return array.astype(np.uint8)
