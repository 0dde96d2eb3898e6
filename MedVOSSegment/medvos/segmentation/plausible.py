"""Whether what was found in a clip can be the LV of an apical view: a network draws an LV into anything."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Of the square that the network sees; the 5,400 drawings on which it was trained take 0.013 to 0.485 of it.
SMALLEST_FRACTION, LARGEST_FRACTION = 0.01, 0.5
# From one frame to the next, 20 ms later; an LV changes its area by 0.08 of it and moves by 0.01 of the square in nine
# of ten frames.
JUMP, MOVE, STEP_MS = 0.25, 0.05, 20.0
OFTEN = 0.1  # of the frames
LONG_ENOUGH_MS = 2000.0  # a clip as long as this shows a whole contraction, whatever the heart rate


def doubts(
    times: NDArray[np.float64], fractions: NDArray[np.float64], middles: NDArray[np.float64], beats: int
) -> list[str]:
    """One sentence on why a clip's masks may be of something else, or none.

    Parameters
    ----------
    times: (T,) ms.
    fractions: (T,) part of the square that the network sees which the mask takes.
    middles: (T, 2) middle of the mask in parts of that square, nan where there is none.
    beats: how many were found.
    """
    why = _why(times, fractions, middles, beats)
    if not why:
        return []
    return [
        f"What was found does not look like the LV in an apical view, since {' and '.join(why)}: look at the overlay "
        "video before any number is used."
    ]


def _why(
    times: NDArray[np.float64], fractions: NDArray[np.float64], middles: NDArray[np.float64], beats: int
) -> list[str]:
    found = fractions > 0
    if not found.any():
        return ["no frame shows one"]
    why = []
    if found.mean() < 0.5:
        why.append(f"{np.count_nonzero(~found)} of {len(found)} frames show none")
    usual = float(np.median(fractions[found]))
    if not SMALLEST_FRACTION <= usual <= LARGEST_FRACTION:
        why.append(f"it takes {100 * usual:.1f} % of the picture")
    slower = max(1.0, float(np.median(np.diff(times))) / STEP_MS) if len(times) > 1 else 1.0
    both = found[1:] & found[:-1]
    jumps = np.abs(np.diff(fractions))[both] / fractions[:-1][both] > JUMP * slower
    moves = np.linalg.norm(np.diff(middles, axis=0)[both], axis=1) > MOVE * slower
    if both.any() and (jumps | moves).mean() > OFTEN:
        why.append("it jumps from frame to frame")
    if not beats and times[-1] - times[0] >= LONG_ENOUGH_MS:
        why.append("it does not contract")
    return why
