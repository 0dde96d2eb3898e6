"""Widgets in as many rows as a narrow panel needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import qt

# Slicer's panel may be 350 pixels wide, of which the scroll bar, the margins and the frame of a step take a part.
WIDTH = 306
_GAP = 6


def fill(box: Any, widgets: Sequence[Any], gap: int = _GAP) -> None:
    """Put ``widgets`` into rows of the vertical layout of ``box``, none of which must be wider than `WIDTH`."""
    row, used = None, 0
    for widget in widgets:
        width = widget.minimumWidth or widget.sizeHint.width()
        if row is None or used + gap + width > WIDTH:
            row, used = qt.QHBoxLayout(), -gap
            row.setSpacing(gap)
            box.layout().addLayout(row)
        row.addWidget(widget)
        used += width + gap
