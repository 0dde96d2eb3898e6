"""The events of a job: its progress, its log and its end, parsed from the lines that the second process prints."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Advanced:
    """``done`` of ``total`` images (slices times phases) are done; ``eta_s`` seconds are left.

    ``total`` is 0 while the number of images is not known, and ``eta_s`` None while the time is not.
    """

    done: int
    total: int
    eta_s: float | None
    message: str


@dataclass(frozen=True)
class SliceDone:
    """A first version of one slice: ``labels`` (T, Y, X) uint8."""

    slice: int
    labels: NDArray[np.uint8]


@dataclass(frozen=True)
class Logged:
    """One line of the log."""

    line: str


@dataclass(frozen=True)
class Finished:
    """The successful end; ``outcome`` is the return value of the task's `collect`."""

    outcome: Any


@dataclass(frozen=True)
class Failed:
    """The end after an error: one ``sentence`` for the user and the ``log`` of the process."""

    sentence: str
    log: str


@dataclass(frozen=True)
class CancelledByUser:
    """The end that the user requested."""


Event = Advanced | SliceDone | Logged | Finished | Failed | CancelledByUser
ENDS = (Finished, Failed, CancelledByUser)


def parse_event(line: str, partial: Path) -> Event | None:
    """Parse one line of ``--progress json``; labels of slices are read from the folder ``partial``.

    Any other text becomes a line of the log. An empty line and the line "done", which precedes the exit, give None.

    Example: ``parse_event('{"event": "progress", "done": 3, ...}', folder / "partial")``
    """
    try:
        document = json.loads(line)
        if document["event"] == "progress":
            eta_s = None if document["eta_s"] is None else float(document["eta_s"])
            return Advanced(int(document["done"]), int(document["total"]), eta_s, str(document["message"]))
        if document["event"] == "slice":
            # Only the name counts: no file outside of the folder is read.
            labels = np.load(partial / Path(document["file"]).name, allow_pickle=False)
            return SliceDone(int(document["slice"]), labels)
        if document["event"] == "done":
            return None
    except (ValueError, TypeError, KeyError, OSError, RecursionError):
        pass
    return Logged(line) if line else None
