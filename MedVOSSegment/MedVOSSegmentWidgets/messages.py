"""Messages to the user: one sentence for a fault of the input, all details for a fault of the program."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import slicer
from slicer.i18n import tr as _

from medvos.errors import InputError
from MedVOSSegmentLib.install import without_pip


def say(label: Any, text: str) -> None:
    """Show ``text`` in a label; an empty one is hidden and takes no room."""
    label.text = text
    label.visible = bool(text)


class Standing:
    """A message beside the steps, without a dialog, that stands until the user makes the next change.

    ``last_change`` returns what the user did last.
    """

    def __init__(self, label: Any, last_change: Callable[[], Any]) -> None:
        self._label, self._last_change = label, last_change
        self._after: Any = None

    def say(self, text: str) -> None:
        """Show ``text``."""
        self._after = self._last_change()
        say(self._label, text)

    def clear(self) -> None:
        """Hide the message."""
        self._label.text, self._label.visible = "", False

    def refresh(self) -> None:
        """Hide the message where the user has gone on."""
        if self._last_change() is not self._after:
            self.clear()


def shows_errors(slot: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a slot: an InputError is shown as its sentence; any other error with its details, and it is raised on."""

    @functools.wraps(slot)
    def call(self: Any, *values: Any) -> Any:
        try:
            return slot(self, *values)
        except Exception as error:
            _show(error)
        return None

    return call


class Repeated:
    """Shows errors, as `shows_errors` does, of an action that a timer repeats.

    The same error in a row is shown once; it is shown again after the action has succeeded.
    """

    def __init__(self) -> None:
        self._shown = ""

    def __call__(self, action: Callable[[], Any]) -> None:
        try:
            action()
        except Exception as error:
            before, self._shown = self._shown, f"{type(error).__name__}: {error}"
            if self._shown != before:
                _show(error)
        else:
            self._shown = ""


def _show(error: Exception) -> None:
    if isinstance(error, InputError):
        slicer.util.warningDisplay(without_pip(str(error)), windowTitle="MedVOSSegment")
        return
    message = _("Unexpected error in MedVOSSegment. Please report it with the details below.")
    with slicer.util.tryWithErrorDisplay(message):
        raise error
