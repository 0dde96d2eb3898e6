"""Measures read back from report.json, as they were stated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.guard import reading
from medvos.measure.measures import Beat, Measure, Measures, Normal
from medvos.measure.wall import WallSegment


def restored_measures(folder: str | Path) -> Measures:
    """The measures in the report of a folder that `medvos.report.folder.write_results` wrote.

    Raises
    ------
    InputError: the report is damaged.
    """
    with reading("report.json", "a report of medvos"):
        return _measures(json.loads((Path(folder) / "report.json").read_text(encoding="utf-8")))


def _measures(document: dict[str, Any]) -> Measures:
    """The inverse of `medvos.report.document.measures_document`."""
    curves = {name: _array(curve) for name, curve in document["curves"].items()}
    time_ms = curves.pop("time_ms")
    normal = document["normal"]
    return Measures(
        {name: _measure(told) for name, told in document["measures"].items()},
        time_ms,
        _by_structure(curves, "_mL"),
        document["phases"]["ED"],
        document["phases"]["ES"],
        tuple(WallSegment(**segment) for segment in document["wall"]),
        {name: _normal(told) for name, told in normal["ranges"].items()},
        normal["reason"],
        tuple(Beat(**beat) for beat in document["beats"]),
        _by_structure({name: _array(band) for name, band in document["bands"].items()}, "_mL"),
        percent=_by_structure(curves, "_percent"),
        obstructed={int(number): fraction for number, fraction in document["obstructed"].items()},
    )


def _by_structure(curves: dict[str, NDArray[np.float64]], unit: str) -> dict[str, NDArray[np.float64]]:
    """The curves of one unit, which ends their names, by structure."""
    return {name.removesuffix(unit): curve for name, curve in curves.items() if name.endswith(unit)}


def _array(values: list[Any]) -> NDArray[np.float64]:
    """Numbers with NaN where the report has null."""
    return np.array(values, np.float64)


def _measure(told: dict[str, Any]) -> Measure:
    ends = told["interval"]
    return Measure(told["value"], told["unit"], None if ends is None else (ends[0], ends[1]), told["reason"])


def _normal(told: dict[str, Any]) -> Normal:
    return Normal(**{name: value for name, value in told.items() if name != "verdict"})
