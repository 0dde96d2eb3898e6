"""Doubt an RV that lies on two sides of the LV."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from medvos.measure.doubt import Doubt
from medvos.measure.doubts import RIGHT
from medvos.measure.measures import Measures
from medvos.structures import LV, MYO, RV

# Of the RV's area in a slice. In the expert's contours of ACDC's 100 patients, none of 1,545 slices has more than 0.05
# beyond the LV.
SECOND_PART = 0.15


def rv_doubts(measures: Measures, labels: NDArray[np.uint8]) -> list[Doubt]:
    """Return the doubt, in a list, on an RV (T, Z, Y, X) that lies on two sides of the LV at ED or ES.

    >>> rv_doubts(measures, labels)[0].holds[0]
    'RVEDV'
    """
    where = slices_where(measures, labels, is_on_two_sides)
    if not where:
        return []
    reason = f"the RV lies on two sides of the LV in {where}, counted from 1: erase the part that is not the RV"
    return [Doubt(reason, holds=RIGHT, verdict="no verdict is given on the RV")]


def slices_where(measures: Measures, labels: NDArray[np.uint8], holds: Callable[[NDArray[np.uint8]], bool]) -> str:
    """Name the slices of ``labels`` (T, Z, Y, X) at ED and ES for which ``holds`` is true, counted from 1.

    >>> slices_where(measures, labels, is_on_two_sides)
    'slices 3, 4 at ED (phase 1)'
    """
    where = []
    for when, phase in (("ED", measures.ed), ("ES", measures.es)):
        slices = [] if phase is None else [z for z, plane in enumerate(labels[phase]) if holds(plane)]
        if slices and phase is not None:
            numbers = ", ".join(str(z + 1) for z in slices)
            where.append(f"slice{'s' if len(slices) > 1 else ''} {numbers} at {when} (phase {phase + 1})")
    return " and ".join(where)


def is_on_two_sides(labels: NDArray[np.uint8]) -> bool:
    """Return whether a large part of the RV of a slice (Y, X) lies beyond the LV, seen from the rest of it.

    It is the part on the other side of a line through the middle of the LV, across the direction of the RV's middle.
    """
    left, right = np.argwhere((labels == LV) | (labels == MYO)), np.argwhere(labels == RV)
    if not len(left) or not len(right):
        return False
    away = right - left.mean(axis=0)
    return float((away @ away.mean(axis=0) < 0).mean()) >= SECOND_PART
