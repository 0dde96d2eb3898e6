"""Memory of a clip: drawn frames permanently, and every fifth frame while there is room."""

from __future__ import annotations

import os
from collections import deque

from medvos.models.tcmn.network import Memory

EVERY = 5
# A frame looks up all that is remembered, so that time is short long before memory is: this many entries reach two
# beats back at 50 frames a second.
MOST_ENTRIES = 16
FRACTION_OF_FREE_MEMORY = 0.25


class Bank:
    """The memory of one clip; the oldest entry that was not drawn makes room for a new one.

    Parameters
    ----------
    drawn: the drawn frames, which stay.
    free_bytes: free memory of the machine; default: as the system reports.
    """

    def __init__(self, drawn: Memory, free_bytes: int | None = None) -> None:
        self._drawn = drawn
        room = FRACTION_OF_FREE_MEMORY * (_free_bytes() if free_bytes is None else free_bytes)
        entry = (drawn.keys.nbytes + drawn.values.nbytes) / drawn.keys.shape[1]
        self.capacity = max(1, min(MOST_ENTRIES, int(room / entry)))
        self._recent: deque[Memory] = deque(maxlen=self.capacity)
        self.memory = drawn

    def add(self, entry: Memory) -> None:
        """Remember a frame that was segmented."""
        self._recent.append(entry)
        self.memory = self._drawn.and_also(*self._recent)


def _free_bytes() -> int:
    """Return the free physical memory; 2 GiB where the system does not report it."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows and macOS do not know the first
        return 2 * 1024**3
