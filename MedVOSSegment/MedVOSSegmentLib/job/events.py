"""What a job tells while it runs and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Advanced:
    """``done`` of ``total`` frames are segmented; ``eta_s`` seconds are left, None while that is unknown."""

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
    """A line for the log."""

    line: str


@dataclass(frozen=True)
class Finished:
    """The end when all went well; ``outcome`` is what the task collects (for a propagation, an `Outcome`)."""

    outcome: Any


@dataclass(frozen=True)
class Failed:
    """The end otherwise: one ``sentence`` for the user, and the ``log`` of the process for who wants to know more."""

    sentence: str
    log: str


@dataclass(frozen=True)
class Cancelled:
    """The end that the user asked for."""


Event = Advanced | SliceDone | Logged | Finished | Failed | Cancelled
ENDS = (Finished, Failed, Cancelled)
