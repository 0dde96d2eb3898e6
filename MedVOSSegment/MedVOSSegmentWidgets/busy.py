"""The progress at the top of the panel, one for everything that takes time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from MedVOSSegmentLib.job.events import Advanced
from MedVOSSegmentWidgets.messages import say

# Fraction of the images before which the remaining time is not shown: the first ones wait for PyTorch to start.
_ESTIMATE_FROM = 0.1


class Busy:
    """Shows the segmentation that is running, or else an activity of unknown length."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        self._activity = ""
        self._cancel: Callable[[], None] | None = None
        self._job: Advanced | None = None
        self.show(None)

    def begin(self, activity: str, cancel: Callable[[], None] | None = None) -> None:
        """Show an activity until `end`; ``cancel`` stops it, where that is possible."""
        self._activity, self._cancel = activity, cancel
        self.show(self._job)

    def end(self) -> None:
        """Hide the activity; a job that is running stays."""
        self._activity, self._cancel = "", None
        self.show(self._job)

    def cancel(self) -> None:
        """Stop the activity that is shown."""
        if self._job is None and self._cancel is not None:
            self._cancel()

    def show(self, job: Advanced | None) -> None:
        """Show how far a job is; None where none is running."""
        self._job, ui = job, self._ui
        ui.cancelButton.visible = ui.cancelButton.enabled = job is not None or self._cancel is not None
        ui.busyBox.visible = job is not None or bool(self._activity)
        shown = job or Advanced(0, 0, None, self._activity)
        # A maximum of zero makes Qt show activity without a fraction.
        ui.progressBar.maximum = shown.total
        ui.progressBar.value = shown.done
        say(ui.progressLabel, remaining(shown))


def remaining(progress: Advanced) -> str:
    """Return the current activity and the remaining time."""
    message = progress.message[:1].upper() + progress.message[1:]
    if progress.eta_s is None or progress.done < _ESTIMATE_FROM * progress.total:
        return message
    return _("{message}, about {seconds} s left").format(message=message, seconds=max(1, round(progress.eta_s)))
