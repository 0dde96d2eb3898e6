"""An ultrasound clip or a video on the panel."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import slicer
from PySide6.QtWidgets import QWidget
from scene import clip_case
from scene.segment_editor import SegmentEditor
from scene.session_fakes import FakeJob, FakeRunner, an_outcome
from widget.conftest import Desktop
from widget.standins.pythonqt import unwrap

from MedVOSSegmentLib.job.events import Finished


@pytest.fixture
def clip(desktop: Desktop, started: FakeRunner) -> Desktop:
    """A clip is open."""
    desktop.widget.choose(desktop.widget.logic.show(clip_case.clip(), "Clip"))
    desktop.pass_time()
    return desktop


def end(desktop: Desktop, job: FakeJob) -> None:
    """The process has found the LV."""
    outcome = an_outcome(desktop.session.cine, clip_case.labels())
    job.events.append(Finished(replace(outcome, provenance=outcome.provenance | {"seeds": []})))
    desktop.wait(lambda: not desktop.session.busy)
    desktop.pass_time()


def test_a_clip_is_described_in_frames(clip: Desktop):
    ui = clip.ui
    assert "30 frames of 64" in ui.cineLabel.text and "25 a second" in ui.cineLabel.text
    assert "mm" not in ui.cineLabel.text
    assert "frame" in ui.guideLabel.text and "slice" not in ui.guideLabel.text
    assert not ui.proposeButton.enabled


def test_it_is_segmented_at_once_and_shows_ef_of_every_beat(clip: Desktop, started: FakeRunner):
    ui, session = clip.ui, clip.session
    clip.click(ui.propagateButton)
    assert not clip.dialogs.messages and not clip.dialogs.asked
    assert started.job.task.model == "echo-lv"
    end(clip, started.job)
    assert "frames" in ui.messageLabel.text
    assert ui.worstList.count > 0 and ui.worstList.item(0).text().startswith("Frame ")
    table, rows = session.measurement.table, len(session.measurement.measures())
    assert len(session.measurement.beats()) >= 2
    for number, beat in enumerate(session.measurement.beats()):
        assert table.GetCellText(rows + number, 0) == f"EF, frames {beat['ed'] + 1} to {beat['es'] + 1}"
        assert not ui.measureTable.isRowHidden(rows + number)
    shown = [row for row in range(ui.measureTable.rowCount) if not ui.measureTable.isRowHidden(row)]
    assert "LVEF" in [ui.measureTable.item(row, 0).text() for row in shown]


def test_a_drawn_frame_is_followed(clip: Desktop, started: FakeRunner):
    ui, session = clip.ui, clip.session
    clip.click(ui.findPlaceButton)
    frame, _ = session.place
    assert f"frame {frame + 1} " in ui.placeLabel.text and "slice" not in ui.placeLabel.text
    SegmentEditor(session.nodes).paint("LV", clip_case.labels()[frame] > 0)
    clip.pass_time()
    assert ui.seedLabel.text == ""
    clip.click(ui.propagateButton)
    assert not clip.dialogs.asked
    assert started.job.task.model == "tcmn"
    assert np.flatnonzero(started.job.task.seed_labels.any((1, 2, 3))).tolist() == [frame]


def test_a_clip_has_its_own_words_and_no_buttons_of_a_stack(clip: Desktop, started: FakeRunner):
    ui = clip.ui
    assert ui.seedStep.text == "2  Seed: draw one frame"
    assert ui.propagateButton.text == "Segment the clip"
    ui.seedStep.collapsed = ui.propagateStep.collapsed = False
    clip.pass_time()
    assert not ui.proposeButton.visible and not ui.undrawnButton.visible
    clip.click(ui.propagateButton)
    end(clip, started.job)
    ui.seedStep.collapsed = ui.propagateStep.collapsed = ui.measureStep.collapsed = False
    clip.pass_time()
    assert not ui.surfaceButton.visible and not ui.obstructionButton.visible
    panel = unwrap(ui.MedVOSSegment)
    shown = [each for each in panel.findChildren(QWidget) if each.isVisible() and each is not unwrap(ui.cineSelector)]
    words = [getattr(each, "text", str)() + each.toolTip() for each in shown]
    assert [text for text in words if re.search(r"\b(slice|phase)s?\b", text.lower())] == []


def test_a_clip_is_seen_in_one_view_and_a_stack_in_the_layout_of_before(clip: Desktop, small_heart):
    manager = slicer.app.layoutManager()
    assert manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView
    clip.widget.choose(clip.widget.logic.show(small_heart.cine, "Stack"))
    clip.pass_time()
    assert manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
    assert clip.ui.seedStep.text == "2  Seed: draw one slice"


def test_a_layout_that_the_user_chose_beside_a_clip_stays_after_it(clip: Desktop, small_heart):
    manager, layouts = slicer.app.layoutManager(), slicer.vtkMRMLLayoutNode
    manager.setLayout(layouts.SlicerLayoutConventionalView)
    clip.widget.choose(clip.widget.logic.show(small_heart.cine, "Stack"))
    clip.pass_time()
    assert manager.layout == layouts.SlicerLayoutConventionalView
    clip.widget.choose(clip.widget.logic.show(clip_case.clip(), "Another clip"))
    clip.pass_time()
    assert manager.layout == layouts.SlicerLayoutOneUpRedSliceView
    clip.ui.cineSelector.setCurrentNode(None)
    clip.pass_time()
    assert manager.layout == layouts.SlicerLayoutConventionalView


def test_the_frames_of_a_clip_are_a_strip_in_rows_that_can_be_clicked(clip: Desktop, started: FakeRunner):
    ui, session = clip.ui, clip.session
    clip.click(ui.propagateButton)
    end(clip, started.job)
    table, frames = unwrap(ui.reviewMap), session.cine.shape[0]
    assert (table.rowCount(), table.columnCount()) == (-(-frames // 20), 20)
    assert table.columnWidth(0) >= 10 and table.rowHeight(0) >= 10
    assert [table.verticalHeaderItem(row).text() for row in range(2)] == ["1", "21"]
    assert "Frame 24:" in table.item(1, 3).toolTip()
    table.cellClicked.emit(1, 3)
    clip.pass_time()
    assert session.place == (23, 0) and table.currentRow() == 1 and table.currentColumn() == 3
    # There is no frame behind the last one.
    table.cellClicked.emit(1, 19)
    clip.pass_time()
    assert session.place == (23, 0)
    for name, frame in session.measurement.phases().items():
        assert table.item(*divmod(frame, 20)).text() in (name, "\N{WHITE CIRCLE}")
