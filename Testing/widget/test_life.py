"""Opening, leaving, closing: the module lives and dies with Slicer and with the scene."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import slicer
from widget import patient
from widget.conftest import Desktop
from widget.test_propagation import children_of

from medvos.cine.write import write_nifti
from medvos.errors import InputError
from MedVOSSegmentLib.scene.cine_nodes import show_cine

ROOT = Path(__file__).parents[2]
CONTEXT = "Segmentation category and type - MedVOSSegment"


def test_the_only_cine_of_a_scene_is_taken(desktop: Desktop, small_patient):
    desktop.widget.exit()
    browser = desktop.widget.logic.show(small_patient.cine)
    desktop.widget.enter()
    desktop.pass_time()
    assert desktop.session.browser is browser


def test_a_scene_without_a_cine_shows_only_the_first_step(desktop: Desktop):
    ui = desktop.ui
    assert not ui.cineStep.collapsed
    assert all(step.collapsed for step in (ui.seedStep, ui.propagateStep, ui.reviewStep, ui.measureStep, ui.exportStep))
    assert not ui.findPlaceButton.enabled and not ui.propagateButton.enabled


def test_a_browser_without_images_is_refused_with_a_sentence(desktop: Desktop, logics):
    sequence = logics.scene.AddNewNodeByClass("vtkMRMLSequenceNode")
    sequence.SetDataNodeAtValue(slicer.vtkMRMLTableNode(), "0")
    browser = logics.scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    desktop.ui.cineSelector.setCurrentNode(browser)
    desktop.pass_time()
    assert len(desktop.dialogs.messages) == 1 and "choose one" in desktop.dialogs.messages[0]
    assert desktop.ui.cineSelector.currentNode() is None


def test_closing_the_scene_mid_run_ends_the_job_and_leaves_nothing(opened: Desktop, small_patient, logics):
    patient.draw(opened.session, small_patient.labels)
    opened.pass_time()
    opened.click(opened.ui.propagateButton)
    logics.scene.Clear(0)
    opened.pass_time(0.5)
    assert opened.session.cine is None and opened.session.progress is None
    assert not children_of_job()
    assert logics.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 0
    assert opened.ui.guideLabel.text.startswith("Choose a cine")
    assert not opened.dialogs.messages


def test_after_closing_the_scene_the_next_patient_can_be_opened(opened: Desktop, logics):
    logics.scene.Clear(0)
    opened.pass_time()
    opened.click(opened.ui.sampleButton)
    opened.click(opened.ui.findPlaceButton)
    assert opened.session.nodes is not None
    assert opened.ui.segmentEditor.segmentationNode() is opened.session.nodes.segmentation


def test_removing_the_cine_while_it_is_open_is_noticed(opened: Desktop, logics):
    logics.scene.RemoveNode(opened.session.browser)
    opened.pass_time()
    assert opened.session.cine is None
    assert opened.ui.guideLabel.text.startswith("Choose a cine")
    assert not opened.ui.playerBox.visible and opened.ui.playWidget.browser() is None
    assert opened.ui.messageLabel.text


def test_the_module_ends_without_leaving_a_process(opened: Desktop, small_patient):
    patient.draw(opened.session, small_patient.labels)
    opened.pass_time()
    opened.click(opened.ui.propagateButton)
    opened.widget.panel.close()
    opened.pass_time(0.5)
    assert not children_of_job()


def test_the_user_who_scrolls_is_followed(opened: Desktop, logics):
    session = opened.session
    view = logics.scene.GetFirstNodeByClass("vtkMRMLSliceNode")
    for z in (0, 4, 2):
        view.JumpSliceByOffsetting(*(session.cine.affine @ (40, 40, z, 1))[:3])
        opened.pass_time()
        assert session.place[1] == z
    session.browser.SetSelectedItemNumber(3)
    opened.pass_time()
    assert session.place == (3, 2) and "slice 3 at phase 4" in opened.ui.placeLabel.text


def test_the_module_introduces_itself(desktop: Desktop):
    parent = SimpleNamespace()
    desktop.module.MedVOSSegment(parent)
    assert parent.title == "MedVOSSegment" and parent.categories and parent.contributors
    assert "not a medical device" in parent.helpText
    assert "CSTM" in parent.acknowledgementText
    assert parent.categories == ["Segmentation", "Cardiac"]
    for text, pages in ((parent.helpText, ("Docs/tutorial.md", "/issues")), (parent.acknowledgementText, ("arxiv",))):
        links = re.findall(r'<a href="(https://[^"{}]+)">', text)
        assert all(any(page in link for link in links) for page in pages)
        for link in links:
            inside = link.partition("/blob/main/")[2]
            assert not inside or (ROOT / inside).is_file()


def test_the_synthetic_patient_is_offered_as_sample_data(desktop: Desktop, small_patient, monkeypatch):
    offered = []
    logic = SimpleNamespace(registerCustomSampleDataSource=lambda **source: offered.append(source))
    monkeypatch.setitem(sys.modules, "SampleData", SimpleNamespace(SampleDataLogic=logic))
    desktop.module.MedVOSSegment(SimpleNamespace())
    assert not offered
    slicer.app.complete_startup()
    assert len(offered) == 1 and Path(offered[0]["thumbnailFileName"]).is_file()
    (browser,) = offered[0]["customDownloader"](None)
    assert browser.IsA("vtkMRMLSequenceBrowserNode")


def test_at_start_up_the_terminology_is_known_and_remains_of_a_killed_slicer_are_removed(
    desktop: Desktop, logics, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "medvos-job-abc"
    left.mkdir()
    (left / "owner.lock").touch()
    (left / "cine.nii.gz").write_bytes(b"images of a patient")
    source = SimpleNamespace(registerCustomSampleDataSource=lambda **source: None)
    monkeypatch.setitem(sys.modules, "SampleData", SimpleNamespace(SampleDataLogic=source))
    desktop.module.MedVOSSegment(SimpleNamespace())
    slicer.app.complete_startup()
    assert slicer.modules.terminologies.logic().IsTerminologyContextLoaded(CONTEXT)
    desktop.wait(lambda: not left.exists(), 10)


def test_from_start_up_on_imported_scenes_leave_the_others_alone(desktop: Desktop, logics, monkeypatch):
    guarded = []
    monkeypatch.setattr("MedVOSSegmentLib.scene.imports.hold_imported_browsers", guarded.append)
    source = SimpleNamespace(registerCustomSampleDataSource=lambda **source: None)
    monkeypatch.setitem(sys.modules, "SampleData", SimpleNamespace(SampleDataLogic=source))
    desktop.module.MedVOSSegment(SimpleNamespace())
    slicer.app.complete_startup()
    assert guarded == [logics.scene]


def test_a_cine_that_is_loaded_while_none_is_open_is_opened(desktop: Desktop, small_patient, logics):
    browser = show_cine(logics, small_patient.cine, "Loaded by a script")
    desktop.pass_time()
    assert desktop.session.browser is browser and desktop.ui.cineSelector.currentNode() is browser


def test_a_cine_that_is_loaded_beside_an_open_one_is_told(opened: Desktop, small_patient, logics):
    browser = opened.session.browser
    logics.scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode")
    opened.pass_time()
    assert not opened.ui.messageLabel.text
    show_cine(logics, small_patient.cine, "Loaded by a script")
    opened.pass_time()
    assert "Another cine was loaded" in opened.ui.messageLabel.text and opened.session.browser is browser


def test_the_files_of_a_cine_are_forgotten_with_the_scene_even_where_none_is_open(
    desktop: Desktop, logics, a_cine_file
):
    desktop.dialogs.file = str(a_cine_file)
    desktop.click(desktop.ui.openFileButton)
    desktop.ui.cineSelector.setCurrentNode(None)
    desktop.pass_time()
    assert desktop.session.browser is None and desktop.session._workspace._sources
    logics.scene.Clear(0)
    assert not desktop.session._workspace._sources


def test_the_name_of_a_file_does_not_get_into_the_scene(desktop: Desktop, small_patient, tmp_path: Path, logics):
    path = tmp_path / "Doe^Jane.nii.gz"
    write_nifti(path, small_patient.cine.array, small_patient.cine)
    desktop.dialogs.file = str(path)
    desktop.click(desktop.ui.openFileButton)
    assert desktop.session.cine.shape == patient.SHAPE
    nodes = [logics.scene.GetNthNode(number) for number in range(logics.scene.GetNumberOfNodes())]
    assert not [node.GetName() for node in nodes if "Doe" in (node.GetName() or "")]


@pytest.mark.parametrize("chosen", ["", "nowhere"])
def test_no_file_or_a_wrong_one_changes_nothing(desktop: Desktop, chosen: str):
    desktop.dialogs.folder = chosen
    desktop.click(desktop.ui.openFolderButton)
    assert desktop.session.cine is None
    assert len(desktop.dialogs.messages) == (1 if chosen else 0)
    assert desktop.ui.sampleButton.enabled


def children_of_job() -> list[int]:
    commands = [(child, Path(f"/proc/{child}/cmdline")) for child in children_of(os.getpid())]
    return [child for child, command in commands if command.exists() and b"medvos" in command.read_bytes()]


def test_a_cine_that_arrives_when_another_module_is_open_waits_for_the_user(desktop: Desktop, small_patient):
    made = desktop.widget.logic.makeSyntheticPatient

    def made_elsewhere() -> object:
        desktop.widget.exit()
        return made()

    desktop.widget.logic.makeSyntheticPatient = made_elsewhere
    desktop.ui.sampleButton.click()
    desktop.pass_time()
    assert desktop.session.browser is None and not desktop.dialogs.messages
    desktop.widget.enter()
    desktop.pass_time()
    assert desktop.session.browser is not None


def test_a_module_that_was_left_twice_or_never_opened_ends_quietly(desktop: Desktop):
    desktop.widget.exit()
    desktop.widget.exit()
    desktop.widget.cleanup()
    never_opened = desktop.module.MedVOSSegmentWidget(desktop.widget.parent)
    never_opened.cleanup()


def test_a_dialog_of_the_clock_is_not_opened_again_while_it_waits(opened: Desktop, monkeypatch):
    shown = []

    def wait_for_an_answer(text: str, **options: object) -> None:
        shown.append(text)
        opened.pass_time(0.3)

    def refuse() -> None:
        raise InputError("This cannot be.")

    monkeypatch.setattr(slicer.util, "warningDisplay", wait_for_an_answer)
    monkeypatch.setattr(opened.session, "poll", refuse)
    opened.wait(lambda: bool(shown))
    assert shown == ["This cannot be."]


def test_an_error_that_every_poll_has_is_shown_once_and_again_after_a_poll_without(opened: Desktop, monkeypatch):
    def refuse() -> None:
        raise InputError("This cannot be.")

    with monkeypatch.context() as patch:
        patch.setattr(opened.session, "poll", refuse)
        opened.pass_time(0.4)
        # The panel goes on showing what the user does.
        opened.session.go_to(2, 3)
        opened.pass_time()
        assert "slice 4 at phase 3" in opened.ui.placeLabel.text
    opened.pass_time()
    assert opened.dialogs.messages == ["This cannot be."]
    monkeypatch.setattr(opened.session, "poll", refuse)
    opened.pass_time(0.4)
    assert opened.dialogs.messages == 2 * ["This cannot be."]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_deleting_the_heart_in_the_data_module_is_told_and_selects_none(opened: Desktop, logics, elsewhere: bool):
    hierarchy, session, browser = slicer.app.subject_hierarchy, opened.session, opened.session.browser
    session.nodes.set_labels(np.full(session.cine.shape, 3, np.uint8))
    if elsewhere:
        opened.widget.exit()
    hierarchy.delete(session.nodes.segmentation)
    opened.pass_time()
    if elsewhere:
        opened.widget.enter()
        opened.pass_time()
    assert session.browser is None and opened.ui.cineSelector.currentNode() is None
    assert "removed from the scene" in opened.ui.messageLabel.text
    opened.ui.cineSelector.setCurrentNode(browser)
    opened.pass_time()
    assert session.browser is browser and session.nodes.labels().all() and not opened.ui.messageLabel.text


def test_a_long_poll_leaves_the_refresh_to_a_tick_of_its_own(opened: Desktop, monkeypatch: pytest.MonkeyPatch):
    panel, done = opened.widget.panel, []
    monkeypatch.setattr(panel._session, "poll", lambda: done.append("poll") or time.sleep(0.05))
    monkeypatch.setattr(panel, "_seed", SimpleNamespace(refresh_place=lambda *_: done.append("refresh")))
    panel._invalidate()
    done.clear()
    panel._tick()
    panel._tick()
    panel._tick()
    assert done == ["poll", "refresh", "poll"]
    monkeypatch.setattr(panel._session, "poll", lambda: done.append("poll"))
    panel._invalidate()
    done.clear()
    panel._tick()
    assert done == ["poll", "refresh"]


def test_packages_are_looked_for_when_the_module_is_opened_and_not_at_the_first_click(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
):
    from MedVOSSegmentLib import install

    monkeypatch.setattr(install, "_found", set())
    request.getfixturevalue("desktop")
    assert install._found and not [line for line in install.requirements() if line not in install._found]
