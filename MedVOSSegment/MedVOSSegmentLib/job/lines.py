"""The lines that the process prints, as events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from MedVOSSegmentLib.job.events import Advanced, Event, Logged, SliceDone


def event_of(line: str, partial: Path) -> Event | None:
    """The event in a line of ``--progress json``; slices are read from the folder ``partial``.

    Anything else that is printed becomes a line of the log. None for what needs no telling.
    """
    try:
        told = json.loads(line)
        if told["event"] == "progress":
            return Advanced(int(told["done"]), int(told["total"]), _seconds(told["eta_s"]), str(told["message"]))
        if told["event"] == "slice":
            labels = np.load(partial / Path(told["file"]).name, allow_pickle=False)
            return SliceDone(int(told["slice"]), labels)
        if told["event"] == "done":
            return None
    except (ValueError, TypeError, KeyError, OSError, RecursionError):
        pass
    return Logged(line) if line else None


def _seconds(value: Any) -> float | None:
    return None if value is None else float(value)
