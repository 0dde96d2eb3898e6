"""What needs no drawing, and obstruction, on the panel; the second process is a stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import undrawn_case
from scene.session_fakes import FakeRunner, finished
from widget.conftest import Desktop

from medvos.mvo_notice import NOTICE
from MedVOSSegmentLib.job.events import Finished
from MedVOSSegmentLib.job.runner import Runner


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeRunner:
    """Stands in for the second process; the weights are there."""
    undrawn_case.store(tmp_path / "models")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))
    fake = FakeRunner()
    monkeypatch.setattr(Runner, "start", lambda _, task: fake.start(task))
    return fake


@pytest.fixture
def segmented(started: FakeRunner, opened: Desktop, small_patient) -> Desktop:
    """By the button that needs no drawing."""
    opened.click(opened.ui.undrawnButton)
    assert started.job.task.model == "vivim" and not opened.ui.propagateStep.collapsed
    assert "Weights vivim: for tests" in opened.ui.termsLabel.text
    hear(opened, started, finished(small_patient.cine, small_patient.labels))
    return opened


def hear(desktop: Desktop, runner: FakeRunner, event: object) -> None:
    runner.job.events.append(event)
    desktop.wait(lambda: not desktop.session.busy)
    desktop.pass_time()


def test_without_weights_nothing_of_it_is_offered(opened: Desktop, tmp_path: Path, monkeypatch):
    (tmp_path / "manifest.json").write_text('{"models": {}}')
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    opened.widget.panel.refresh()
    ui = opened.ui
    assert not any(
        each.visible for each in (ui.undrawnButton, ui.obstructionButton, ui.probabilityCheckBox, ui.noticeLabel)
    )


def test_obstruction_is_predicted_once_the_user_knows_what_it_is_worth(
    segmented: Desktop, started: FakeRunner, small_patient
):
    ui = segmented.ui
    ui.measureStep.collapsed = False
    segmented.dialogs.answer = False
    segmented.click(ui.obstructionButton)
    assert "not validated on patients" in segmented.dialogs.asked[-1] and segmented.session.progress is None
    segmented.dialogs.answer = True
    segmented.click(ui.obstructionButton)
    assert not ui.obstructionButton.enabled and ui.cancelButton.enabled
    hear(segmented, started, Finished(undrawn_case.an_obstruction(small_patient.labels)))
    asked = len(segmented.dialogs.asked)

    assert ui.seedLabel.text == ""
    assert ui.noticeLabel.visible and ui.noticeLabel.text == NOTICE
    assert not ui.measureStep.collapsed and segmented.session.measurement.measures()["MVO"]["value"] > 0
    ui.probabilityCheckBox.checked = True
    segmented.pass_time()
    assert segmented.widget.panel._obstruction._overlay is segmented.session.nodes.probability_volume
    segmented.click(ui.obstructionButton)
    assert len(segmented.dialogs.asked) == asked == 2
    segmented.click(ui.cancelButton)
    segmented.wait(lambda: not segmented.session.busy)

    segmented.click(ui.undoButton)
    segmented.wait(lambda: not segmented.session.busy)
    segmented.pass_time()
    assert not ui.noticeLabel.visible and not ui.probabilityCheckBox.visible
    assert segmented.widget.panel._obstruction._overlay is None
