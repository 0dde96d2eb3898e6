"""Opening the current step, and scrolling to what was opened."""

from __future__ import annotations

from typing import Any

from MedVOSSegmentLib.session.step import Step
from MedVOSSegmentWidgets.tools import show_whole


class StepOpener:
    """Opens a step when it becomes the current one; steps that the user opened by hand stay open until then."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        self._buttons = {
            Step.SEED: ui.seedStep,
            Step.PROPAGATE: ui.propagateStep,
            Step.REVIEW: ui.reviewStep,
            Step.MEASURE: ui.measureStep,
            Step.EXPORT: ui.exportStep,
        }
        for button in (ui.cineStep, *self._buttons.values()):
            button.connect("contentsCollapsed(bool)", lambda collapsed, button=button: self._follow(collapsed, button))
        self._opened: Step | None = None
        # A widget that is to be scrolled to, once the layout has taken in what was opened.
        self._scroll_to: Any = None
        self._was_busy = False

    def forget(self) -> None:
        """Open the step of another cine anew, even if it is the same one."""
        self._opened = None

    def show(self, step: Step | None, *, is_busy: bool) -> None:
        """Open ``step``, or step 1 for None; scroll to the progress when a job begins, and back when it ends."""
        if step is not self._opened or step is None:
            self._opened = step
            self._ui.cineStep.collapsed = step is not None
            for each, button in self._buttons.items():
                button.collapsed = each is not step
        if is_busy is not self._was_busy:
            self._was_busy = is_busy
            # After the step was opened, which is scrolled to as well.
            self._scroll_to = self._ui.guideLabel if is_busy or step is None else self._buttons[step]

    def scroll(self) -> None:
        """Scroll to what was opened last; call it at a later event."""
        if self._scroll_to is not None:
            show_whole(self._scroll_to)
            self._scroll_to = None

    def _follow(self, collapsed: bool, button: Any) -> None:
        """Scroll to a step that was opened, by the user or the session."""
        if not collapsed:
            self._scroll_to = button
