"""Compare the EF of a clip with the truth, by the method of disks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.dicom_rhythm import ASSUMED_STEP_MS
from medvos.evaluate.measured import missing
from medvos.measure.echo import lv_volume, measure_echo
from medvos.structures import LA, LV, MVO, MYO, RV


def is_clip(expected: NDArray[np.uint8], present: list[int]) -> bool:
    """Return whether labels (T, Z, Y, X) with the numbers ``present`` are of an apical clip.

    That is one slice with the LV, and with the left atrium or without wall and RV, which a short-axis slice has.

    >>> is_clip(np.zeros((9, 1, 112, 112), np.uint8), [LV, LA])
    True
    """
    return expected.shape[1] == 1 and LV in present and (LA in present or not {RV, MYO, MVO} & set(present))


def clip_function(
    found: NDArray[np.uint8],
    expected: NDArray[np.uint8],
    judged: NDArray[np.bool_],
    affine: NDArray[np.float64],
    step_ms: float | None,
) -> dict[str, Any]:
    """Return ``volumes``, ``ED``, ``ES`` and ``measures`` of `medvos.evaluate.compare.compare_files`, EF alone.

    A label image does not state whether its pixel size is known, so no volumes are given. Under ``volumes`` EF is at
    the truth's ED and ES; under ``measures`` it is that of the beat with the median EF on each side.

    Parameters
    ----------
    found, expected: (T, 1, Y, X) label maps.
    judged: (T, 1) bool, frames that the truth labels.
    affine: of the grid.
    step_ms: between two frames; where it is not known, that of a usual clip is assumed.
    """
    count = len(expected)
    step = step_ms or ASSUMED_STEP_MS
    times = np.arange(count, dtype=np.float64) * step
    source = Source(kind="video", spacing_known=False)
    grid = Cine(np.broadcast_to(np.float32(0), expected.shape), affine, times, count * step, source)
    known = np.where(judged[..., None, None], expected, 0).astype(np.uint8)
    sides = [np.array([lv_volume(frame[0], grid) for frame in side]) for side in (found, known)]
    empty: dict[str, Any] = {"volumes": {}, "ED": None, "ES": None, "measures": {}}
    if np.isfinite(sides[1]).sum() < 2:
        return empty
    ed, es = int(np.nanargmax(sides[1])), int(np.nanargmin(sides[1]))
    found_ef, true_ef = (100 * (1 - volumes[es] / volumes[ed]) for volumes in sides)
    pair = {"prediction": plain(found_ef), "truth": plain(true_ef), "error": plain(found_ef - true_ef)}
    own, true = (measure_echo(side, grid)["LVEF"] for side in (found, known))
    ef = {"prediction": own.value, "truth": true.value, "unit": "%", "reason": missing(own, true)}
    return {"volumes": {"LV": {"EF": pair}}, "ED": ed, "ES": es, "measures": {"LVEF": ef}}


def plain(value: float) -> float | None:
    """Return a number for JSON, None if it is not finite."""
    return float(value) if np.isfinite(value) else None
