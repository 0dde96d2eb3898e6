"""What was found in the wall at end-diastole, at the same place of the wall in every phase."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from medvos.measure.ring import carried, ring_of
from medvos.measure.segments import septum_of
from medvos.structures import LV, MYO

MARGIN = 2  # pixels round the heart, so that its own border is seen


def through_the_beat(
    found: NDArray[np.bool_], heart: NDArray[np.uint8], ed: int, spacing: tuple[float, float]
) -> Iterator[NDArray[np.bool_]]:
    """(Y, X) of every phase from that of ED; nothing where a phase shows no cavity with its wall.

    The heart turns with its septum. Where a phase shows too little of the RV to tell, as many do near the apex at ES,
    it is taken to lie as at ED.

    Parameters
    ----------
    found: (Y, X) in the wall at ED.
    heart: (T, Y, X) labels of this slice.
    ed: the phase.
    spacing: (y, x) in mm.
    """
    if not found.any():
        yield from [found] * len(heart)
        return
    place = _round_the_heart(heart)
    for part in _carried(found[place], heart[:, *place], ed, spacing):
        whole = np.zeros_like(found)
        whole[place] = part
        yield whole


def _carried(
    found: NDArray[np.bool_], heart: NDArray[np.uint8], ed: int, spacing: tuple[float, float]
) -> Iterator[NDArray[np.bool_]]:
    septa = [septum_of(plane, np.asarray(spacing, float)) for plane in heart]
    at_ed = septa[ed] or 0.0
    rest = ring_of(heart[ed], spacing, septum=at_ed)
    for phase, plane in enumerate(heart):
        if phase == ed:
            yield found
        elif (plane == LV).any() and (plane == MYO).any():
            told = septa[ed] is not None and septa[phase] is not None
            yield carried(found, rest, ring_of(plane, spacing, septum=septa[phase] if told else at_ed))
        else:
            yield np.zeros_like(found)


def _round_the_heart(heart: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Rows and columns with any label at any phase: distances outside of it are of no use and take long."""
    rows, columns = (np.flatnonzero(heart.any((0, axis))) for axis in (2, 1))
    return tuple(slice(max(ends[0] - MARGIN, 0), ends[-1] + 1 + MARGIN) for ends in (rows, columns))  # type: ignore[return-value]
