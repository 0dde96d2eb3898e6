"""Transfer a finding in the wall from end-diastole to the same place of the wall in every phase."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from medvos.septum import septum_of
from medvos.structures import LV, MYO
from medvos.wall_ring import carried, ring_of

MARGIN = 2  # pixels around the heart, so that its border is inside the crop


def carry_through_beat(
    found: NDArray[np.bool_], heart: NDArray[np.uint8], ed: int, spacing: tuple[float, float]
) -> Iterator[NDArray[np.bool_]]:
    """Yield the finding (Y, X) at every phase; it is empty where a phase has no cavity with its wall.

    The rotation of the heart is that of its septum. At phases with too little RV to find the septum, as is common near
    the apex at ES, the rotation is taken to be that at ED.

    Parameters
    ----------
    found: (Y, X) in the wall at ED.
    heart: (T, Y, X) labels of this slice.
    ed: the end-diastolic phase.
    spacing: (y, x) in mm.
    """
    if not found.any():
        yield from [found] * len(heart)
        return
    place = _crop_to_heart(heart)
    for part in _carried(found[place], heart[:, *place], ed, spacing):
        whole = np.zeros_like(found)
        whole[place] = part
        yield whole


def _carried(
    found: NDArray[np.bool_], heart: NDArray[np.uint8], ed: int, spacing: tuple[float, float]
) -> Iterator[NDArray[np.bool_]]:
    septa = [septum_of(plane, np.asarray(spacing, float)) for plane in heart]
    at_ed = septa[ed] or 0.0
    ring_at_ed = ring_of(heart[ed], spacing, septum=at_ed)
    for phase, plane in enumerate(heart):
        if phase == ed:
            yield found
        elif (plane == LV).any() and (plane == MYO).any():
            both = septa[ed] is not None and septa[phase] is not None
            yield carried(found, ring_at_ed, ring_of(plane, spacing, septum=septa[phase] if both else at_ed))
        else:
            yield np.zeros_like(found)


def _crop_to_heart(heart: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Rows and columns with any label at any phase: distance maps of the whole image would take long."""
    rows, columns = (np.flatnonzero(heart.any((0, axis))) for axis in (2, 1))
    return tuple(slice(max(ends[0] - MARGIN, 0), ends[-1] + 1 + MARGIN) for ends in (rows, columns))  # type: ignore[return-value]
