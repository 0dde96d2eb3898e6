"""Order in which report and panel show slices: the base at the top."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.measure.segments import from_base_to_apex
from medvos.structures import heart_of


def base_is_last(labels: NDArray[np.uint8], ed: int | None) -> bool | None:
    """Return whether the slice of the highest index is the basal end of (T, Z, Y, X) labels; None if not known.

    It is found at the phase ``ed``, or without one at the phase with most labels. A clip has one slice, and the labels
    may be those of some of its frames alone.
    """
    if labels.shape[1] < 2:
        return None
    phase = ed if ed is not None else int(np.count_nonzero(labels, axis=(1, 2, 3)).argmax())
    order = from_base_to_apex(heart_of(labels[phase]))
    return None if len(order) < 2 else order[0] > order[-1]


def from_the_base(slices: list[int], last: bool | None) -> list[int]:
    """Return ascending slice indices with the base first; unchanged where the base is not known.

    >>> from_the_base([0, 1, 2], True)
    [2, 1, 0]
    """
    return slices[::-1] if last else slices
