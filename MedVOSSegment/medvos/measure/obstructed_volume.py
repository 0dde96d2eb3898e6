"""Measure the obstructed part of the LV wall, as a whole and in each of the 17 segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medvos.measure.function import known
from medvos.measure.measures import Measure
from medvos.measure.segments import NAMES, segment_map
from medvos.measure.volumes import voxel_ml
from medvos.mvo_notice import NOTICE
from medvos.structures import MVO, MYO, heart_of

NO_INTERVAL = "no interval: the prediction was never validated on patients"


def notice_of(measures: Mapping[str, Measure]) -> str:
    """Return the notice that stands wherever these measures are shown; empty if obstruction was not segmented."""
    return NOTICE if "MVOM" in measures else ""


def obstruction(labels: NDArray[np.uint8], affine: NDArray[np.float64]) -> dict[str, Measure]:
    """Measure MVO in mL, and MVOM, its part of the LV mass in %.

    Parameters
    ----------
    labels: (Z, Y, X) at end-diastole.
    affine: of the cine.
    """
    obstructed = float(np.count_nonzero(labels == MVO))
    wall = float(np.count_nonzero(heart_of(labels) == MYO))
    if not wall:
        reason = "no voxel is labelled Myo at ED"
        return {name: known(name, None, reason) for name in ("MVO", "MVOM")}
    values = {"MVO": obstructed * voxel_ml(affine), "MVOM": 100 * obstructed / wall}
    return {name: replace(known(name, value, None), reason=NO_INTERVAL) for name, value in values.items()}


def obstructed_segments(
    labels: NDArray[np.uint8], affine: NDArray[np.float64], base_last: bool | None = None
) -> dict[int, float]:
    """Return the obstructed part in % of each segment by its number; empty if the segments cannot be determined.

    Parameters
    ----------
    labels: (Z, Y, X) at end-diastole, with the RV.
    affine: of the cine.
    base_last: as `medvos.measure.segments.from_base_to_apex` takes it.
    """
    segments = segment_map(heart_of(labels), affine, base_last)
    return {
        number: 100 * float((labels[segments == number] == MVO).mean())
        for number in NAMES
        if (segments == number).any()
    }
