"""What images themselves tell of time: whether their order is that of a beating heart, and how long a beat is.

All work on a few hundred blocks of pixels in which most changes, so that noise does not decide.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Images are averaged over blocks to about this many a side; the part of them that changes most is looked at.
_BLOCKS = 40
_MOVING = 0.06
# Fewer images than this tell nothing of order or period.
FEWEST = 8
# `brightness_change`: blood and muscle keep their brightness over a beat; in first-pass perfusion and relaxation maps
# it is what changes.
STEADY_BRIGHTNESS = 0.8
# A step between neighbours that is sudden: a part of the largest difference of all, and several times the usual step.
# Of the slices of 25 patients of ACDC and of Sunnybrook one has two.
_JUMP, _SUDDEN = 0.3, 5.0
# A return to the same image: so much of the largest change is left, after so many frames, before so much of the clip.
_RETURN = 0.42
_SHORTEST_BEAT = 5
_LONGEST_PART = 0.72
# A later return is looked for in the first images alone, up to this part. Over the step from the last image to the
# first, theirs is 0.73 or more in 40 ACDC patients' whole and shortened beats, and mostly below 0.2 in 1.3 of these.
_LATEST_AGAIN, _AGAIN, _FEWEST_AGAIN, _IN_ORDER = 0.9, 0.4, 16, 0.62
# Of the largest difference within a beat, how much is left between its last image and its first: in the middle slices
# of 50 patients of ACDC and of Sunnybrook at most 0.73, and in halves of their beats at least 0.83.
_ENDS_WHERE_IT_BEGINS = 0.75
# Correlation of the differences within one pass with those within another.
_SAME_PHASES = 0.6


def distances(images: NDArray) -> NDArray[np.float64]:
    """Return (T, T) root mean square differences between images (T, Y, X), where they change most."""
    blocks = _blocks(images)
    change = blocks.std(0)
    moving = change >= np.quantile(change, 1 - _MOVING)
    values = blocks[:, moving].astype(np.float64)
    squares = (values**2).mean(1)
    squared = squares[:, None] + squares[None] - 2 * values @ values.T / values.shape[1]
    return np.sqrt(np.maximum(squared, 0))


def roughness(between: NDArray[np.float64]) -> float | None:
    """Return the mean difference of neighbours over that of all pairs: about 1 for a random order, far less for a beat.

    `between` (T, T) is of `distances`. None for fewer than `FEWEST` images, or where nothing changes.

    >>> roughness(distances(cine.array[:, 4])) < 0.7
    True
    """
    count = len(between)
    pairs = between[np.triu_indices(count, 1)]
    if count < FEWEST or not pairs.any():
        return None
    return float(np.diagonal(between, 1).mean() / pairs.mean())


def sudden_steps(between: NDArray[np.float64]) -> int:
    """Return how often neighbours differ far more than usual: never or once in a beat, and again where parts are mixed.

    `between` (T, T) is of `distances`.
    """
    steps = np.diagonal(between, 1)
    if len(between) < FEWEST:
        return 0
    return int(((steps > _JUMP * between.max()) & (steps > _SUDDEN * np.median(steps))).sum())


def beat_length(between: NDArray[np.float64]) -> float | None:
    """Return after how many frames the heart looks the same again, or None where that is not within the clip.

    `between` (T, T) is of `distances`. A clip of about one beat gives None.
    """
    longest = int(len(between) * _LONGEST_PART)
    if longest < _SHORTEST_BEAT + 2:
        return None
    change = np.array([np.diagonal(between, lag).mean() for lag in range(longest + 1)])
    returns = dips(change, _RETURN, _SHORTEST_BEAT)
    if returns:
        return returns[0] + _vertex(change[returns[0] - 1 : returns[0] + 2])
    return _begun_again(between)


def _begun_again(between: NDArray[np.float64]) -> float | None:
    """Return after how many frames a second beat begins that is not whole: its first two images are those of the first.

    A beat that is whole ends near its beginning, and so the last image and the first are compared with them.
    """
    last = min(int(len(between) * _LATEST_AGAIN), len(between) - 4)
    lags = np.arange(int(len(between) * _LONGEST_PART) - 1, last + 2)
    if len(between) < _FEWEST_AGAIN or (roughness(between) or 1.0) > _IN_ORDER:
        return None
    start = np.array([(between[0, lag] + between[1, lag + 1]) / 2 for lag in lags])
    best = 1 + int(np.argmin(start[1:-1]))
    if not start[best - 1] > start[best] <= start[best + 1] or start[best] > _AGAIN * between[0, -1]:
        return None
    return float(lags[best]) + _vertex(start[best - 1 : best + 2])


def shows_passes(between: NDArray[np.float64], parts: Sequence[NDArray[np.int_]]) -> bool:
    """Return whether parts of a series of images each show one whole beat, the same phases in each.

    `between` (T, T) is of `distances`, `parts` are indices of as many images each. Halves of one beat do not end where
    they begin.
    """
    blocks = [between[np.ix_(part, part)] for part in parts]
    if len(blocks[0]) < FEWEST or any(block[0, -1] >= _ENDS_WHERE_IT_BEGINS * block.max() for block in blocks):
        return False
    pairs = np.triu_indices(len(blocks[0]), 1)
    return all(np.corrcoef(blocks[0][pairs], block[pairs])[0, 1] > _SAME_PHASES for block in blocks[1:])


def dips(change: NDArray[np.float64], fraction: float, shortest: int) -> list[int]:
    """Return the lags at which the images are alike again: where `change` has a minimum, far below its largest before.

    Parameters
    ----------
    change: (L,) between images by their distance in frames, the lag.
    fraction: of the largest change at a shorter lag, that a minimum has at most.
    shortest: lag that counts.
    """
    largest = np.maximum.accumulate(change)
    return [
        lag
        for lag in range(shortest, len(change) - 1)
        if change[lag - 1] > change[lag] <= change[lag + 1] and change[lag] <= fraction * largest[lag]
    ]


def brightness_change(images: NDArray) -> float:
    """Return how much the brightness of images (T, Y, X) varies, the range over the median, in which 0 is steady."""
    blocks = _blocks(images)
    bright = np.quantile(blocks.reshape(len(blocks), -1), 0.9, axis=1)
    return float(np.ptp(bright) / max(float(np.median(bright)), 1e-9))


def neighbour_changes(images: NDArray) -> tuple[float, float]:
    """Return the root mean square change of images (T, Z, Y, X) from phase to phase and from slice to slice."""
    blocks = _blocks(images.reshape(-1, *images.shape[2:]))
    grid = blocks.reshape(*images.shape[:2], -1)
    along_time, along_z = (float(np.sqrt(np.mean(np.diff(grid, axis=axis) ** 2))) for axis in (0, 1))
    return along_time, along_z


def middle_of(slices: int) -> range:
    """Return the middle half of so many slices: the outermost may hold no heart."""
    return range(slices // 4, max(slices - slices // 4, slices // 4 + 1))


def likeness(a: NDArray, b: NDArray) -> float:
    """Return the correlation of two images (Y, X), from -1 to 1; 1 where either has one value alone."""
    one, other = (_blocks(image[None])[0].ravel().astype(np.float64) for image in (a, b))
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / scale if scale > 0 else 1.0


def _blocks(images: NDArray) -> NDArray[np.float32]:
    """Means (T, y, x) over square blocks, about `_BLOCKS` of them along the shorter side."""
    return block_means(images, max(1, min(images.shape[1:]) // _BLOCKS))


def block_means(images: NDArray, side: int) -> NDArray[np.float32]:
    """Return the means (..., y, x) of images (..., Y, X) over squares of `side` pixels; of a narrower one, over strips.

    >>> block_means(np.eye(4), 2)
    array([[0.5, 0. ],
           [0. , 0.5]], dtype=float32)
    """
    *rest, height, width = images.shape
    rows, columns = max(height // side, 1), max(width // side, 1)
    cut = images[..., : rows * side, : columns * side].astype(np.float32)
    return cut.reshape(*rest, rows, min(side, height), columns, min(side, width)).mean((-3, -1))


def _vertex(values: NDArray[np.float64]) -> float:
    """Where the parabola through three values has its lowest point, from the middle one."""
    bend = values[0] - 2 * values[1] + values[2]
    return float(np.clip((values[0] - values[2]) / (2 * bend), -0.5, 0.5)) if bend > 0 else 0.0
