"""Widgets in as many rows as a narrow panel needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import qt

# Slicer's panel may be 350 pixels wide, of which the scroll bar, the margins and the frame of a step take a part.
WIDTH = 306
_GAP = 6


def fill(box: Any, widgets: Sequence[Any], gap: int = _GAP) -> None:
    """Put ``widgets`` into rows of the vertical layout of ``box``, none of which must be wider than `WIDTH`.

    A tuple of widgets stays in one row, as ED and ES do.
    """
    row, used = None, 0
    for group in widgets:
        together = group if isinstance(group, tuple) else (group,)
        width = sum(widget.minimumWidth or widget.sizeHint.width() for widget in together) + gap * (len(together) - 1)
        if row is None or used + gap + width > WIDTH:
            row, used = qt.QHBoxLayout(), -gap
            row.setSpacing(gap)
            box.layout().addLayout(row)
        for widget in together:
            row.addWidget(widget)
        used += width + gap
