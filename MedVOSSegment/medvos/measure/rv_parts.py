"""Doubt an RV that lies on two sides of the LV."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medvos.measure.doubts import RIGHT, Doubt
from medvos.measure.measures import Measures
from medvos.structures import LV, MYO, RV

# Of the RV of a slice: a second part of this size beyond a right angle about the LV. None of the 1,902 slices of ACDC's
# 100 patients has one in the expert's contours.
SECOND_PART = 0.2


def rv_doubts(measures: Measures, labels: NDArray[np.uint8]) -> list[Doubt]:
    """Return the doubt, in a list, on an RV (T, Z, Y, X) that lies on two sides of the LV at ED or ES.

    >>> rv_doubts(measures, labels)[0].holds[0]
    'RVEDV'
    """
    where = []
    for when, phase in (("ED", measures.ed), ("ES", measures.es)):
        slices = [] if phase is None else [z for z, plane in enumerate(labels[phase]) if is_on_two_sides(plane)]
        if slices and phase is not None:
            numbers = ", ".join(str(z + 1) for z in slices)
            where.append(f"slice{'s' if len(slices) > 1 else ''} {numbers} at {when} (phase {phase + 1})")
    if not where:
        return []
    reason = (
        f"the RV lies on two sides of the LV in {' and '.join(where)}, counted from 1: erase the part that is not the "
        "RV; no verdict is given on the RV"
    )
    return [Doubt(reason, holds=RIGHT)]


def is_on_two_sides(labels: NDArray[np.uint8]) -> bool:
    """Return whether a slice (Y, X) has two large parts of RV, seen from the LV more than a right angle apart."""
    left, right = labels > RV, labels == RV
    if not right.any() or not (left & ((labels == LV) | (labels == MYO))).any():
        return False
    parts, count = ndimage.label(right)
    if count < 2:
        return False
    sizes = np.bincount(parts.ravel())[1:]
    largest = int(sizes.argmax())
    centre = np.argwhere(left).mean(axis=0)
    away = {n: np.argwhere(parts == n + 1).mean(axis=0) - centre for n in range(count)}
    return any(
        size >= SECOND_PART * sizes.sum() and float(away[n] @ away[largest]) < 0
        for n, size in enumerate(sizes)
        if n != largest
    )
