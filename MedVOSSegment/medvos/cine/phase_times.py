"""Times of phases in ms, from a clock or from times that are equal for several."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Steps between phases that a clock can tell: what is longer is from one beat to another.
PHASE_STEPS_MS = (1.5, 150.0)
LONGEST_BEAT_MS = 4000.0
DAY = 86_400.0
_UNEVEN = 0.3


def spread(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return times (T,) in ms that rise, where some that never fall are equal: evenly up to the next one's.

    >>> spread(np.array([0.0, 0.0, 40.0]))
    array([ 0., 20., 40.])
    """
    values, first = np.unique(times, return_index=True)
    if len(values) < 2:
        return times
    usual = float(np.median(np.diff(values)))
    return np.interp(np.arange(len(times)), [*first, len(times)], [*values, values[-1] + usual])


def times_of_clock(seconds: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return times (T,) in ms from the first of seconds of the day, None where their steps are not short and even.

    >>> times_of_clock(np.array([36000.00, 36000.04, 36000.08])).round()
    array([ 0., 40., 80.])
    """
    steps = 1000 * np.diff(seconds) % (1000 * DAY)
    low, high = PHASE_STEPS_MS
    usual = float(np.median(steps))
    if not low <= usual <= high or np.abs(steps / usual - 1).max() > _UNEVEN or steps.sum() > LONGEST_BEAT_MS:
        return None
    return np.concatenate([[0.0], np.cumsum(steps)])
