"""The length of a heart beat in frames, seen in the images of a clip: after a beat they are alike again."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from medvos.cine.clip import FrameArray, grey

SIDE = 24  # pixels along the longer side of the images that are compared: motion, not speckle
SMOOTHING_FRAMES = 1.0
FEWEST = 12  # frames, below which nothing can be said of a beat
PAIRS = 5  # of frames that a lag must have
# The distance between frames a beat apart, as a fraction of the largest distance: 0.2 to 0.5 in clips of five patients
# and a sixth from another vendor. Half a beat apart it is 0.7 and more.
ALIKE = 0.6
# After two beats the frames are as alike as after one: the first dip that is about as deep as the deepest counts.
AS_DEEP = 0.25


def beat_in_frames(images: Iterable[FrameArray | None]) -> int | None:
    """Return the number of frames after which the heart repeats its motion, None where it cannot be seen.

    >>> beat_in_frames(clip.images())  # doctest: +SKIP
    42

    Parameters
    ----------
    images: (Y, X) or (Y, X, 3) consecutive frames, None for a damaged one.
    """
    from scipy.ndimage import gaussian_filter1d

    small: list[NDArray[np.float32]] = []
    for image in images:
        if image is None and not small:
            continue
        small.append(small[-1] if image is None else thumbnail(grey(image)))
    if len(small) < FEWEST:
        return None
    frames = gaussian_filter1d(np.stack(small).reshape(len(small), -1), SMOOTHING_FRAMES, axis=0)
    apart = np.array([((frames[lag:] - frames[: len(frames) - lag]) ** 2).mean() for lag in range(len(frames) - PAIRS)])
    if not apart.max() > 0:
        return None
    largest = np.maximum.accumulate(apart)
    dips = [
        lag
        for lag in range(2, len(apart) - 1)
        if apart[lag] <= apart[lag - 1] and apart[lag] < apart[lag + 1] and apart[lag] <= ALIKE * largest[lag]
    ]
    if not dips:
        return None
    deepest = min(apart[lag] for lag in dips)
    enough = deepest + AS_DEEP * (apart.max() - deepest)
    return next(lag for lag in dips if apart[lag] <= enough)


def thumbnail(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the means of an image (Y, X) over squares, about `SIDE` of them along the longer side."""
    step = max(1, max(image.shape) // SIDE)
    rows, columns = (max(side // step, 1) for side in image.shape)
    cut = image[: rows * step, : columns * step]
    return cut.reshape(rows, min(step, cut.shape[0]), columns, min(step, cut.shape[1])).mean(axis=(1, 3))
