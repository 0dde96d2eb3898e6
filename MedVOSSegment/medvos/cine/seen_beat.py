"""The length of a heart beat in frames, seen in the images of a clip: after a beat they are alike again."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from medvos.cine.clip import FrameArray, grey, without_damaged
from medvos.cine.image_evidence import block_means, dips

SIDE = 24  # pixels along the longer side of the images that are compared: motion, not speckle
SMOOTHING_FRAMES = 1.0
FEWEST = 12  # frames, below which nothing can be said of a beat
SHORTEST = 2  # frames of a beat
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

    small = [thumbnail(grey(image)) for image in without_damaged(images)]
    if len(small) < FEWEST:
        return None
    frames = gaussian_filter1d(np.stack(small).reshape(len(small), -1), SMOOTHING_FRAMES, axis=0)
    apart = np.array([((frames[lag:] - frames[: len(frames) - lag]) ** 2).mean() for lag in range(len(frames) - PAIRS)])
    if not apart.max() > 0:
        return None
    returns = dips(apart, ALIKE, SHORTEST)
    if not returns:
        return None
    deepest = min(apart[lag] for lag in returns)
    enough = deepest + AS_DEEP * (apart.max() - deepest)
    return next(lag for lag in returns if apart[lag] <= enough)


def thumbnail(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the means of an image (Y, X) over squares, about `SIDE` of them along the longer side."""
    return block_means(image, max(1, max(image.shape) // SIDE))
