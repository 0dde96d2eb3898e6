"""Which phases are end-diastole and end-systole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def find_ed_and_es(curve: NDArray[np.float64]) -> tuple[int | None, int | None]:
    """Phases of the largest (ED) and of the smallest (ES) volume of a ventricle.

    A ventricle never empties, so a phase whose volume is zero or NaN was not segmented and cannot be ES.

    Parameters
    ----------
    curve: (T,) volume.

    Returns
    -------
    ED and ES; both None without any volume, ES None where a single phase has volume.
    """
    known = np.flatnonzero(np.nan_to_num(curve) > 0)
    if known.size == 0:
        return None, None
    ed = int(known[np.argmax(curve[known])])
    if known.size == 1:
        return ed, None
    return ed, int(known[np.argmin(curve[known])])
