"""The progress at the top of the panel, one for everything that takes time."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from MedVOSSegmentLib.job.events import Advanced
from MedVOSSegmentWidgets.messages import say

# Fraction of the frames before which the remaining time is not shown: the first ones wait for PyTorch to start.
_ESTIMATE_FROM = 0.1


def show_progress(ui: Any, progress: Advanced, *, can_cancel: bool = True) -> None:
    """Show how far a job is."""
    # A maximum of zero makes Qt show activity without a fraction.
    ui.progressBar.maximum = progress.total
    ui.progressBar.value = progress.done
    ui.cancelButton.visible = ui.cancelButton.enabled = can_cancel
    say(ui.progressLabel, remaining(progress))
    ui.busyBox.visible = True


def show_activity(ui: Any, doing: str) -> None:
    """Show that something is being done that has no known length and cannot be cancelled."""
    show_progress(ui, Advanced(0, 0, None, doing), can_cancel=False)


def show_idle(ui: Any) -> None:
    """Hide the progress."""
    ui.cancelButton.enabled = ui.busyBox.visible = False


def remaining(progress: Advanced) -> str:
    """Return the current activity and the remaining time."""
    message = progress.message[:1].upper() + progress.message[1:]
    if progress.eta_s is None or progress.done < _ESTIMATE_FROM * progress.total:
        return message
    return _("{message}, about {seconds} s left").format(message=message, seconds=max(1, round(progress.eta_s)))
