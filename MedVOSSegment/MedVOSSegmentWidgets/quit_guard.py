"""A question before Slicer is quit while something is being computed or written."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from slicer.i18n import tr as _


class QuitGuard(qt.QObject):
    """Asks before the main window is closed while ``is_busy``; no keeps it open.

    A script that ends Slicer by itself is not asked.
    """

    def __init__(self, is_busy: Callable[[], bool]) -> None:
        qt.QObject.__init__(self)
        self._is_busy = is_busy
        self._window = slicer.util.mainWindow()
        if self._window is not None:
            self._window.installEventFilter(self)

    def remove(self) -> None:
        """Ask no more."""
        if self._window is not None:
            self._window.removeEventFilter(self)
        self._window = None

    def eventFilter(self, _window: object, event: qt.QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Called by Qt with each event of the window; True keeps the event from it."""
        if event.type() != qt.QEvent.Close or not self._is_busy():
            return False
        question = _("A segmentation or an export is still running, and would be lost. Quit all the same?")
        if slicer.util.confirmYesNoDisplay(question, windowTitle="MedVOSSegment"):
            return False
        event.ignore()
        return True
