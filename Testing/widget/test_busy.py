"""One progress at the top of the panel, and the time that is promised before a run."""

from __future__ import annotations

import pytest
from scene.session_fakes import FakeRunner, finished
from widget import patient
from widget.conftest import Desktop

from MedVOSSegmentLib.job.events import Advanced


@pytest.fixture
def drawn(opened: Desktop, small_patient, started: FakeRunner) -> Desktop:
    patient.draw(opened.session, small_patient.labels)
    opened.pass_time()
    return opened


def end(desktop: Desktop, started: FakeRunner, labels) -> None:
    started.job.events.append(finished(desktop.session.cine, labels))
    desktop.wait(lambda: not desktop.session.busy)
    desktop.pass_time()


def test_a_proposal_shows_that_it_is_under_way_and_can_be_cancelled(opened: Desktop, started: FakeRunner):
    ui = opened.ui
    assert not ui.busyBox.visible
    opened.click(ui.proposeButton)
    assert ui.busyBox.visible and ui.progressBar.visible and ui.progressBar.maximum == 0
    assert ui.progressLabel.text == "Looking for the heart"
    opened.click(ui.cancelButton)
    opened.wait(lambda: not opened.session.busy)
    opened.pass_time()
    assert not ui.busyBox.visible and "Cancelled" in ui.messageLabel.text


def test_a_run_shows_its_progress_and_the_time_that_is_left(drawn: Desktop, started: FakeRunner):
    ui = drawn.ui
    drawn.click(ui.propagateButton)
    started.job.events.append(Advanced(18, 36, 7.2, "propagating"))
    drawn.pass_time()
    assert (ui.progressBar.value, ui.progressBar.maximum) == (18, 36)
    assert ui.progressLabel.text == "Propagating, about 7 s left"


def test_a_time_is_promised_from_the_last_run_here_and_not_while_one_is_under_way(
    drawn: Desktop, started: FakeRunner, small_patient, monkeypatch: pytest.MonkeyPatch
):
    ui, clock = drawn.ui, [0.0]
    monkeypatch.setattr("MedVOSSegmentWidgets.propagate_step.time", type("Clock", (), {"monotonic": lambda: clock[0]}))
    assert ui.deviceLabel.text == "The processor will be used."
    drawn.click(ui.propagateButton)
    clock[0] = 40.0
    end(drawn, started, small_patient.labels)
    assert "about 40 s" in ui.deviceLabel.text
    drawn.click(ui.propagateButton)
    assert "about" not in ui.deviceLabel.text
    drawn.click(ui.cancelButton)
    clock[0] = 100.0
    drawn.wait(lambda: not drawn.session.busy)
    drawn.pass_time()
    # A run without an end gives no time.
    assert "about 40 s" in ui.deviceLabel.text


def test_the_time_of_a_run_ends_with_it_also_while_another_module_is_open(
    drawn: Desktop, started: FakeRunner, small_patient, monkeypatch: pytest.MonkeyPatch
):
    clock = [0.0]
    monkeypatch.setattr("MedVOSSegmentWidgets.propagate_step.time", type("Clock", (), {"monotonic": lambda: clock[0]}))
    drawn.click(drawn.ui.propagateButton)
    drawn.widget.exit()
    clock[0] = 40.0
    end(drawn, started, small_patient.labels)
    clock[0] = 4000.0
    drawn.widget.enter()
    drawn.pass_time()
    assert "about 40 s" in drawn.ui.deviceLabel.text


def test_another_network_has_a_time_of_its_own(drawn: Desktop, started: FakeRunner, small_patient):
    ui = drawn.ui
    drawn.click(ui.undrawnButton)
    end(drawn, started, small_patient.labels)
    assert "about" not in ui.deviceLabel.text
    assert "as fast as the last run" in ui.undrawnButton.toolTip


def test_a_cine_that_is_read_shows_that_it_is_under_way(desktop: Desktop):
    seen = []

    def read() -> None:
        desktop.pass_time()
        seen.append((desktop.ui.busyBox.visible, desktop.ui.progressLabel.text, desktop.ui.cancelButton.visible))

    desktop.widget.logic.makeSyntheticPatient = read
    desktop.ui.sampleButton.click()
    assert seen == [(True, "Opening the cine", False)]
    assert not desktop.ui.busyBox.visible


def test_the_end_of_an_activity_leaves_a_job_with_its_button_in_sight(drawn: Desktop, started: FakeRunner):
    ui, busy = drawn.ui, drawn.widget.panel._busy
    drawn.click(ui.propagateButton)
    started.job.events.append(Advanced(18, 36, 7.2, "propagating"))
    drawn.pass_time()
    busy.begin("Writing")
    busy.end()
    assert ui.busyBox.visible and ui.cancelButton.visible and ui.progressBar.value == 18
