"""Files and folders that are dropped onto the panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt


class DropTarget(qt.QObject):
    """Accepts local files and folders over a widget, and hands their paths on once the drop is over."""

    def __init__(self, widget: Any, on_drop: Callable[[list[str]], None]) -> None:
        qt.QObject.__init__(self)
        self._on_drop = on_drop
        widget.acceptDrops = True
        widget.installEventFilter(self)

    def eventFilter(self, _widget: Any, event: Any) -> bool:  # noqa: N802 (Qt's name)
        """Called by Qt with each event of the widget; True keeps the event from it."""
        kind = event.type()
        if kind not in (qt.QEvent.DragEnter, qt.QEvent.DragMove, qt.QEvent.Drop):
            return False
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if not paths:
            return False
        event.acceptProposedAction()
        if kind == qt.QEvent.Drop:
            # The program from which it was dragged waits until this function returns.
            qt.QTimer.singleShot(0, lambda: self._on_drop(paths))
        return True
