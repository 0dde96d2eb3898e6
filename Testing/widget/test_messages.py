"""Messages to the user: a sentence for a fault of the input, the details for a fault of the program."""

from __future__ import annotations

import pytest
from widget.conftest import Desktop

from medvos.errors import InputError


def slot_that_raises(error: Exception) -> object:
    from MedVOSSegmentWidgets.messages import shows_errors

    class Step:
        @shows_errors
        def on_click(self) -> None:
            raise error

    return Step()


def test_a_fault_of_the_input_is_shown_as_its_sentence(desktop: Desktop):
    slot_that_raises(InputError("The seed is empty: draw a slice.")).on_click()
    assert desktop.dialogs.messages == ["The seed is empty: draw a slice."]


def test_an_unexpected_error_asks_for_a_report_and_has_its_details(desktop: Desktop):
    with pytest.raises(KeyError):
        slot_that_raises(KeyError("no such phase")).on_click()
    (text,) = desktop.dialogs.messages
    desktop.dialogs.messages.clear()
    assert text.startswith("Unexpected error in MedVOSSegment. Please report it with the details below.")
    assert "no such phase" in text
