"""An ultrasound clip or a video on the panel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scene import clip_case
from scene.segment_editor import SegmentEditor
from scene.session_fakes import FakeJob, FakeRunner, an_outcome
from widget.conftest import Desktop

from MedVOSSegmentLib.job.events import Finished
from MedVOSSegmentLib.job.runner import Runner


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    """Stands in for the second process."""
    fake = FakeRunner()
    monkeypatch.setattr(Runner, "start", lambda _, task: fake.start(task))
    return fake


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
        assert table.GetCellText(rows + number, 0) == f"EF, frames {beat['ed']} to {beat['es']}"
        assert not ui.measureTable.isRowHidden(rows + number)
    shown = [row for row in range(ui.measureTable.rowCount) if not ui.measureTable.isRowHidden(row)]
    assert "LVEF" in [ui.measureTable.item(row, 0).text() for row in shown]


def test_a_drawn_frame_is_followed(clip: Desktop, started: FakeRunner):
    ui, session = clip.ui, clip.session
    clip.click(ui.findPlaceButton)
    frame, _ = session.place
    assert f"frame {frame} " in ui.placeLabel.text and "slice" not in ui.placeLabel.text
    SegmentEditor(session.nodes).paint("LV", clip_case.labels()[frame] > 0)
    clip.pass_time()
    assert ui.seedLabel.text == ""
    clip.click(ui.propagateButton)
    assert not clip.dialogs.asked
    assert started.job.task.model == "tcmn"
    assert np.flatnonzero(started.job.task.seed_labels.any((1, 2, 3))).tolist() == [frame]
