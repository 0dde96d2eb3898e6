"""Buttons in as many rows as a narrow panel needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import qt

# Slicer's panel may be 350 pixels wide, of which the scroll bar, the margins and the frame of a step take a part.
WIDTH = 306
_GAP = 6


def fill(box: Any, buttons: Sequence[Any]) -> None:
    """Put ``buttons`` into rows of the vertical layout of ``box``, none of which is wider than `WIDTH`."""
    row, used = None, 0
    for button in buttons:
        width = button.sizeHint.width()
        if row is None or used + _GAP + width > WIDTH:
            row, used = qt.QHBoxLayout(), 0
            row.setSpacing(_GAP)
            box.layout().addLayout(row)
        row.addWidget(button)
        used += width + _GAP
