"""A saved scene that is loaded beside an open heart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import slicer
from scene.session_fakes import FakeRunner, finished
from widget import patient
from widget.conftest import Desktop

from medvos.synth.heart import SyntheticHeart


@pytest.fixture
def scene_file(faked: Desktop, tmp_path: Path) -> Path:
    """The small patient, segmented and saved while phase 3 was shown; the scene is closed."""
    faked.session.go_to(2, 3)
    faked.pass_time()
    assert faked.logics.scene.WriteToMRB(str(tmp_path / "scene.mrb"))
    faked.logics.scene.Clear(0)
    faked.pass_time()
    return tmp_path / "scene.mrb"


@pytest.fixture
def beside(faked: Desktop, scene_file: Path, other_heart: SyntheticHeart, started: FakeRunner) -> Desktop:
    """Another patient, with more phases, is open and segmented."""
    faked.widget.choose(faked.widget.logic.show(other_heart.cine, "Other"))
    faked.click(faked.ui.findPlaceButton)
    patient.draw(faked.session, other_heart.labels)
    faked.pass_time()
    faked.click(faked.ui.propagateButton)
    started.job.events.append(finished(faked.session.cine, other_heart.labels))
    faked.wait(lambda: not faked.session.busy)
    faked.pass_time()
    return faked


def measured(desktop: Desktop) -> dict:
    desktop.wait(lambda: not desktop.session.busy)
    return desktop.session.measurement.measures()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_both_patients_are_whole_and_can_be_chosen(
    beside: Desktop, scene_file: Path, small_heart, other_heart: SyntheticHeart, elsewhere: bool
):
    session, browser, before = beside.session, beside.session.browser, measured(beside)
    if elsewhere:
        beside.widget.exit()
    assert beside.logics.scene.ReadFromMRB(str(scene_file))
    if elsewhere:
        beside.widget.enter()
    beside.pass_time(0.5)
    assert not beside.dialogs.messages
    assert session.browser is not browser and beside.ui.cineSelector.currentNode() is session.browser
    np.testing.assert_array_equal(session.nodes.labels(), small_heart.labels)
    beside.ui.cineSelector.setCurrentNode(browser)
    beside.pass_time()
    assert session.browser is browser and not beside.dialogs.messages
    np.testing.assert_array_equal(session.nodes.labels(), other_heart.labels)
    assert measured(beside) == before


def test_a_scene_that_is_half_imported_is_not_opened(beside: Desktop, scene_file: Path, monkeypatch):
    scene, session, browser, seen = beside.logics.scene, beside.session, beside.session.browser, []

    def look(*_: object) -> None:
        if scene.IsImporting():
            beside.pass_time(0.06)  # as the desktop does, which shows its progress
            seen.append(session.browser)

    tag = scene.AddObserver(scene.NodeAddedEvent, look)
    assert scene.ReadFromMRB(str(scene_file))
    scene.RemoveObserver(tag)
    assert seen and all(each is browser for each in seen)
    assert session.browser is not browser  # the end of the import opens it


def test_a_running_job_stays_with_its_cine(beside: Desktop, scene_file: Path, started: FakeRunner, other_heart):
    session, browser = beside.session, beside.session.browser
    beside.click(beside.ui.propagateButton)
    assert beside.logics.scene.ReadFromMRB(str(scene_file))
    beside.pass_time()
    assert session.browser is browser and beside.ui.cineSelector.currentNode() is browser
    assert session.progress is not None and not beside.dialogs.messages
    started.job.events.append(finished(session.cine, other_heart.labels))
    beside.wait(lambda: not session.busy)
    beside.pass_time()
    assert "Another cine was loaded" in beside.ui.messageLabel.text
    np.testing.assert_array_equal(session.nodes.labels(), other_heart.labels)


def test_a_scene_in_which_no_cine_was_chosen_leaves_the_open_one_open(beside: Desktop, small_heart, tmp_path: Path):
    session, scene, browser = beside.session, beside.logics.scene, beside.session.browser
    beside.ui.cineSelector.setCurrentNode(None)
    beside.pass_time()
    assert scene.WriteToMRB(str(tmp_path / "none.mrb"))
    beside.ui.cineSelector.setCurrentNode(browser)
    beside.pass_time()
    assert scene.ReadFromMRB(str(tmp_path / "none.mrb"))
    beside.pass_time()
    assert session.browser is browser and beside.ui.cineSelector.currentNode() is browser
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode") == 2


def test_choosing_no_cine_is_refused_while_a_job_is_running(beside: Desktop, started: FakeRunner):
    session, browser = beside.session, beside.session.browser
    beside.click(beside.ui.propagateButton)
    beside.ui.cineSelector.setCurrentNode(None)
    beside.pass_time()
    assert session.browser is browser and beside.ui.cineSelector.currentNode() is browser
    assert session.progress is not None and not started.job.is_closed
    assert len(beside.dialogs.messages) == 1 and "is running" in beside.dialogs.messages[0]
