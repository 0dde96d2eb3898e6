"""The timer that keeps the panel alive."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer

from MedVOSSegmentWidgets.messages import Repeated

TICK_MS = 50


class Clock:
    """Calls ``tick`` every 50 ms until `stop`, and shows its errors, the same one in a row once.

    It waits while a scene is imported, whose nodes are half there, and while a dialog of an earlier call waits for its
    answer.

    Attributes
    ----------
    is_ticking: whether ``tick`` is being called.
    """

    def __init__(self, tick: Callable[[], None]) -> None:
        self._tick, self._repeated = tick, Repeated()
        self.is_ticking = False
        self._timer = qt.QTimer()
        self._timer.setInterval(TICK_MS)
        self._timer.connect("timeout()", self.on_timeout)
        self._timer.start()

    def stop(self) -> None:
        """Call no more."""
        self._timer.stop()

    def on_timeout(self) -> None:
        if self.is_ticking or slicer.mrmlScene.IsImporting():
            return
        self.is_ticking = True
        try:
            self._repeated(self._tick)
        finally:
            self.is_ticking = False
