"""Doubt structures that reach the border of the image, beyond which a part of them may lie."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from medvos.measure.catalogue import names_resting_on
from medvos.measure.doubt import Doubt
from medvos.measure.doubts import RIGHT
from medvos.measure.measures import Measures
from medvos.measure.rv_parts import slices_where
from medvos.measure.strokes import LEFT_VOLUMES
from medvos.structures import LV, MYO, RV

SIDES = (
    ("LV or its wall", "LV", (LV, MYO), (*LEFT_VOLUMES, *names_resting_on(MYO, curve=False))),
    ("RV", "RV", (RV,), RIGHT),
)


def border_doubts(measures: Measures, labels: NDArray[np.uint8]) -> list[Doubt]:
    """Return the doubts on ventricles (T, Z, Y, X) that reach the border of the image at ED or ES.

    In the expert's contours of ACDC's 100 patients none does.

    >>> border_doubts(measures, labels)[0].holds[0]
    'RVEDV'
    """
    doubts = []
    for what, side, numbers, holds in SIDES:
        where = slices_where(measures, labels, partial(_reach_border, numbers))
        if where:
            reason = (
                f"the {what} reaches the border of the image in {where}, counted from 1: a part of it may lie outside, "
                f"and the volumes may be too small"
            )
            doubts.append(Doubt(reason, holds=holds, verdict=f"no verdict is given on the {side}"))
    return doubts


def _reach_border(numbers: tuple[int, ...], plane: NDArray[np.uint8]) -> bool:
    return any(bool(np.isin(edge, numbers).any()) for edge in (plane[0], plane[-1], plane[:, 0], plane[:, -1]))
