"""Progress of a computation, and the callable that it is reported to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` frames are segmented; ``message`` names the current step."""

    done: int
    total: int
    message: str


Report = Callable[[Progress], None]
"""Called after each step; an exception that it raises stops the work."""
