"""Messages to the user: a sentence for a fault of the input, the details for a fault of the program."""

from __future__ import annotations

import pytest
from scene.session_fakes import FakeRunner
from widget.conftest import Desktop

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Finished


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


def test_a_message_stands_until_the_user_makes_the_next_change(faked: Desktop, started: FakeRunner, small_patient):
    ui, session = faked.ui, faked.session
    assert "The heart is segmented" in ui.messageLabel.text
    ui.reviewStep.collapsed = False
    faked.pass_time()
    assert "The heart is segmented" in ui.messageLabel.text
    faked.click(ui.acceptButton)
    faked.wait(lambda: not session.busy)
    faked.pass_time()
    assert ui.messageLabel.text == "" and not ui.messageLabel.visible
    faked.click(ui.propagateButton)
    faked.click(ui.cancelButton)
    faked.wait(lambda: not session.busy)
    faked.pass_time()
    assert ui.messageLabel.text.startswith("Cancelled")
    faked.click(ui.undoButton)
    assert ui.messageLabel.text == ""


def test_what_is_said_of_a_proposal_goes_with_it(opened: Desktop, started: FakeRunner, small_patient):
    ui, session = opened.ui, opened.session
    opened.click(ui.proposeButton)
    started.job.events.append(Finished(small_patient.labels[session.place]))
    opened.wait(lambda: not session.busy)
    opened.pass_time()
    assert "This is a proposal" in ui.messageLabel.text
    opened.click(ui.undoButton)
    opened.wait(lambda: not session.busy)
    opened.pass_time()
    assert ui.messageLabel.text == ""
