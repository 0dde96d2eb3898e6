"""What the user is told: a sentence where the input is at fault, all details where the program is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import slicer
from slicer.i18n import tr as _

from medvos.errors import InputError


def say(label: Any, text: str) -> None:
    """Let a label say something; with nothing to say it takes no room."""
    label.text = text
    label.visible = bool(text)


def tells(slot: Callable) -> Callable:
    """A slot whose InputError is shown as it is; any other error is shown with its details and goes on."""

    @functools.wraps(slot)
    def call(self: Any, *values: Any) -> Any:
        try:
            return slot(self, *values)
        except InputError as error:
            slicer.util.warningDisplay(str(error), windowTitle="MedVOSSegment")
        except Exception:
            with slicer.util.tryWithErrorDisplay(_("MedVOSSegment made a mistake; please report it.")):
                raise
        return None

    return call
