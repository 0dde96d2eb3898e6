"""Keys of the panel, which work in the whole window while the module is open.

They are none of the Segment Editor's (digits, Space, Esc, Q, W, I and others), of the slice views' (B, F, G, R, T, V)
and of the sequence toolbar's. Undo and redo are the panel's own: the editor's keys for them are switched off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import qt
import slicer

UNDO, REDO = ("Z", "Ctrl+Z"), ("Y", "Ctrl+Y", "Ctrl+Shift+Z")
NEXT, PREVIOUS, ACCEPT, ED, ES, PLAY = "N", "Shift+N", "A", "D", "E", "K"


class Shortcuts:
    """Calls a function for each key.

    Parameters
    ----------
    actions: keys, as Qt writes them, and what they do.
    """

    def __init__(self, actions: Mapping[str, Callable[[], None]]) -> None:
        self._actions = actions
        self._made: list[Any] = []

    def install(self) -> None:
        """Listen to the keys from now on, after the editor has installed its own."""
        window = slicer.util.mainWindow()
        if window is None:
            return
        self.remove()
        for other in window.children():
            # Two shortcuts with one key would both be dead.
            if isinstance(other, qt.QShortcut) and other.key.toString() in (*UNDO, *REDO):
                other.enabled = False
        for key, action in self._actions.items():
            shortcut = qt.QShortcut(qt.QKeySequence(key), window)
            shortcut.connect("activated()", action)
            self._made.append(shortcut)

    def remove(self) -> None:
        """Stop listening."""
        for shortcut in self._made:
            shortcut.enabled = False
            shortcut.setParent(None)
            shortcut.deleteLater()
        self._made = []
