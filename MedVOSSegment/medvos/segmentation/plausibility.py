"""Check whether the masks of a clip can be the LV of an apical view: a network finds an LV in any image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Fraction of the network's square input; the 5,400 drawings of its training data cover 0.013 to 0.485 of it.
SMALLEST_FRACTION, LARGEST_FRACTION = 0.01, 0.5
# Relative change of area and displacement from one frame to the next, 20 ms later. In nine of ten frames an LV changes
# its area by at most 0.08 and moves by at most 0.01 of the square.
JUMP, MOVE, STEP_MS = 0.25, 0.05, 20.0
OFTEN = 0.1  # fraction of the frames
LONG_ENOUGH_MS = 2000.0  # a clip as long as this shows a whole contraction, whatever the heart rate


def plausibility_warnings(
    times: NDArray[np.float64], fractions: NDArray[np.float64], middles: NDArray[np.float64], beats: int
) -> list[str]:
    """Return one sentence on why a clip's masks may show something other than the LV, or an empty list.

    Parameters
    ----------
    times: (T,) ms.
    fractions: (T,) of the network's square input that the mask covers.
    middles: (T, 2) centroid of the mask as fractions of that square; nan without a mask.
    beats: number of heart beats found.
    """
    reasons = _reasons(times, fractions, middles, beats)
    if not reasons:
        return []
    return [
        f"What was found does not look like the LV in an apical view, since {' and '.join(reasons)}: look at the "
        "overlay video before any number is used."
    ]


def _reasons(
    times: NDArray[np.float64], fractions: NDArray[np.float64], middles: NDArray[np.float64], beats: int
) -> list[str]:
    found = fractions > 0
    if not found.any():
        return ["no frame shows one"]
    reasons = []
    if found.mean() < 0.5:
        reasons.append(f"{np.count_nonzero(~found)} of {len(found)} frames show none")
    usual = float(np.median(fractions[found]))
    if not SMALLEST_FRACTION <= usual <= LARGEST_FRACTION:
        reasons.append(f"it takes {100 * usual:.1f} % of the image")
    slower = max(1.0, float(np.median(np.diff(times))) / STEP_MS) if len(times) > 1 else 1.0
    both = found[1:] & found[:-1]
    jumps = np.abs(np.diff(fractions))[both] / fractions[:-1][both] > JUMP * slower
    moves = np.linalg.norm(np.diff(middles, axis=0)[both], axis=1) > MOVE * slower
    if both.any() and (jumps | moves).mean() > OFTEN:
        reasons.append("it jumps from frame to frame")
    if not beats and times[-1] - times[0] >= LONG_ENOUGH_MS:
        reasons.append("it does not contract")
    return reasons
