"""The whole way through the panel, as a user goes it: load, seed, propagate, correct, measure, export, save, reopen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from widget import patient
from widget.conftest import Desktop

from medvos.evaluate.metrics import dice
from medvos.structures import LV
from MedVOSSegmentLib.session.step import Step


def test_from_the_synthetic_patient_to_a_saved_scene(desktop: Desktop, small_patient, logics, tmp_path: Path):
    ui, session = desktop.ui, desktop.session

    desktop.click(ui.sampleButton)
    assert session.cine.shape == patient.SHAPE
    assert ui.cineSelector.currentNode() is session.browser
    assert "6 phases of 6 slices" in ui.cineLabel.text
    assert not ui.seedStep.collapsed

    desktop.click(ui.findPlaceButton)
    assert ui.segmentEditor.segmentationNode() is session.nodes.segmentation
    phase, z = session.place
    assert f"slice {z + 1} at phase {phase + 1}" in ui.placeLabel.text
    assert "Nothing is drawn" in ui.seedLabel.text

    patient.draw(session, small_patient.labels)
    desktop.pass_time()
    assert ui.seedLabel.text == ""
    assert ui.undoButton.enabled

    desktop.click(ui.propagateButton)
    assert not desktop.dialogs.messages
    assert ui.cancelButton.enabled and not ui.propagateButton.enabled
    assert not ui.propagateStep.collapsed
    # The user looks at another module meanwhile; the job goes on.
    desktop.widget.exit()
    assert not ui.segmentEditor.observesViews()
    desktop.wait(lambda: session.review.scores is not None)
    desktop.widget.enter()
    assert ui.segmentEditor.observesViews()
    desktop.pass_time()
    assert session.step is Step.REVIEW and not ui.reviewStep.collapsed
    assert "is segmented" in ui.messageLabel.text
    found = session.nodes.labels()
    drawn = np.zeros(found.shape[:2], bool)
    drawn[phase, z] = True
    assert np.array_equal(found[phase, z], small_patient.labels[phase, z])
    assert dice(found[~drawn] == LV, small_patient.labels[~drawn] == LV) > 0.5
    assert ui.worstList.count > 0

    desktop.click(ui.nextButton)
    assert ui.messageLabel.text == ""
    worst = session.place
    assert worst == session.review.uncertain_slices()[0][:2]
    ui.acceptButton.click()
    desktop.pass_time()
    assert session.heart.state.accepted[worst]

    ui.reviewMap.cellClicked.emit(5 - 2, 4)  # the base, which is the last slice, is the first row
    desktop.pass_time()
    assert session.place == (4, 2)
    patient.erase(session, "RV")
    desktop.pass_time()
    assert "1 corrected, about" in ui.correctionsLabel.text
    before = session.nodes.labels()
    desktop.click(ui.correctButton)
    desktop.wait(lambda: not session.busy)  # the numbers too
    desktop.pass_time()
    after = session.nodes.labels()
    for place in (worst, (phase, z), (4, 2)):
        assert np.array_equal(after[place], before[place])
    assert not session.review.corrections()

    table = ui.measureTable.mrmlTableNode()
    assert "LVEF" in [table.GetCellText(row, 0) for row in range(table.GetNumberOfRows())]

    desktop.dialogs.folder = str(tmp_path)
    for button in ui.exportButtons.children():
        if hasattr(button, "click") and button.text.startswith("Everything"):
            desktop.click(button)
    desktop.wait(lambda: not ui.busyBox.visible)
    assert (tmp_path / "report.html").is_file()
    assert all(part in ui.exportLabel.toolTip for part in ("report.html", str(tmp_path)))
    buttons = {button.text: button for button in ui.exportButtons.children() if hasattr(button, "click")}
    assert buttons["Surfaces (STL)"].enabled and not buttons["DICOM segmentation"].enabled
    assert "DICOM files of this cine are not known" in buttons["DICOM segmentation"].toolTip
    assert not desktop.dialogs.messages

    scores = session.review.scores
    assert logics.scene.WriteToMRB(str(tmp_path / "heart.mrb"))
    logics.scene.Clear(0)
    desktop.pass_time()
    assert session.cine is None
    logics.scene.ReadFromMRB(str(tmp_path / "heart.mrb"))
    desktop.pass_time()
    assert np.array_equal(session.nodes.labels(), after)
    np.testing.assert_allclose(session.review.scores, scores, atol=1e-3)
    assert session.heart.state.accepted[worst]
    assert not ui.reviewStep.collapsed and ui.worstList.count > 0
