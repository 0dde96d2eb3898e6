"""What the mutations that add images of other kinds share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from medvos_lab.mutations.study import Study, others, pixels, put

KIND = (
    r"left out|phase|velocity|real|imaginary|component|magnitude|perfusion|map|derived|echo|water|fat|series|kind|"
    r"one phase|localiser|contrast"
)
Change = Callable[[NDArray, int, int], NDArray]


def stored(data: Dataset, array: NDArray) -> Dataset:
    """Store what lies in the range of the image's own type."""
    kind = np.int16 if data.PixelRepresentation else np.uint16
    return pixels(data, np.clip(np.rint(array), 0, 4095).astype(kind))


def beside(study: Study, change: Change, same_series: bool, series: int = 41, **tags: Any) -> None:
    """Add an image of another kind for each image of the cine, in its series or in one of its own."""
    count = len(study.cine)
    for image, t, z in others(study, "beside", series):
        original = next(p for p in study.cine if (p.phase, p.slice) == (t, z)).data
        stored(image.data, change(original.pixel_array.astype(float), t, z))
        put(image.data, **tags)
        if same_series:
            put(image.data, SeriesInstanceUID=original.SeriesInstanceUID, SeriesNumber=original.SeriesNumber)
            put(image.data, InstanceNumber=int(original.InstanceNumber) + count)
        study.images.append(image)
