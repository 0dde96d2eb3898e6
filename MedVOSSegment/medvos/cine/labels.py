"""Check that an array is a label map: whole numbers from 0 to 255, in any data type."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError

LARGEST_LABEL = 255
# Numbers that were scaled to be stored come back a little off, such as 2.00000004.
ROUNDING = 1e-3
# In 8 bits they are off by more, but each label then comes back as one value, such as 1.0039 for every 1.
COARSE_ROUNDING = 0.03


def whole_numbers(array: NDArray, name: str) -> NDArray[np.integer]:
    """Return `array` as integers; InputError, with its `name`, where a value is not a whole number but for rounding."""
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} holds no numbers: give a label image.")
    if array.dtype.kind != "f":
        return array.astype(np.uint8) if array.dtype.kind == "b" else array
    rounded = np.round(array)
    if not np.isfinite(array).all() or not _whole(array, rounded):
        raise InputError(f"{name} holds values that are not whole numbers: give labels, not an image or probabilities.")
    return np.clip(rounded, -(2**31), 2**31 - 1).astype(np.int32)


def label_numbers(array: NDArray, name: str) -> NDArray[np.uint8]:
    """Return `array` as uint8; InputError, with its `name`, where a value is not a whole number from 0 to 255."""
    if array.dtype == np.uint8:
        return array
    array = whole_numbers(array, name)
    if array.size and (array.min() < 0 or array.max() > LARGEST_LABEL):
        raise InputError(
            f"{name} holds values outside 0 to {LARGEST_LABEL}, as images do: give a label image, or renumber its "
            "labels (1 RV, 2 Myo, 3 LV)."
        )
    return array.astype(np.uint8)


def _whole(array: NDArray, rounded: NDArray) -> bool:
    off = np.abs(array - rounded)
    if not array.size or off.max() <= ROUNDING:
        return True
    return bool(off.max() <= COARSE_ROUNDING) and len(np.unique(array)) == len(np.unique(rounded))
