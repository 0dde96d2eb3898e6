"""The player and the Segment Editor, which stand in the open step where they are needed."""

from __future__ import annotations

from typing import Any

import qt


class Tools:
    """Moves the player and the editor between the step of the drawing and that of the review.

    The player is below the editor, and at the top of the panel while neither step is open.
    """

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        self._slots = ((ui.seedStep, ui.seedSlot), (ui.reviewStep, ui.reviewSlot))
        for step, slot in self._slots:
            step.connect("contentsCollapsed(bool)", lambda collapsed, slot=slot: self._follow(collapsed, slot))

    def _follow(self, collapsed: bool, slot: Any) -> None:
        """Move to ``slot`` when its step was opened, and to the other one when it was closed."""
        if collapsed:
            slot = next((slot for step, slot in self._slots if not step.collapsed), None)
        if slot is not None:
            _move(self._ui.segmentEditor, slot, 0)
        _move(self._ui.playerBox, slot or self._ui.headerSlot, -1)


def _move(widget: Any, slot: Any, place: int) -> None:
    """Put ``widget`` into ``slot``, at the top (0) or the bottom (-1)."""
    if widget.parent() != slot:
        slot.layout().insertWidget(place, widget)


def show_whole(step: Any) -> None:
    """Scroll the panel so that a step is seen from its top, unless all of it is in sight already."""
    area = step.parent()
    while area is not None and not isinstance(area, qt.QScrollArea):
        area = area.parent()
    if area is None:
        return
    top = step.mapTo(area.widget(), qt.QPoint(0, 0)).y()
    bar, height = area.verticalScrollBar(), area.viewport().height
    if top < bar.value or top + step.height > bar.value + height:
        bar.value = top if step.height > height else top + step.height - height
