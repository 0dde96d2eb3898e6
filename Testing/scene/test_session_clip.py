"""An ultrasound clip or a video in the session, beside the stacks of cine MRI."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import clip_case
import numpy as np
import pytest
from segment_editor import SegmentEditor
from session_fakes import FakeRunner, an_outcome

from medvos.cine.cine import Cine
from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Finished
from MedVOSSegmentLib.scene.cine_nodes import read_cine, show_cine
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.session import Session
from MedVOSSegmentLib.session.step import Step


class User:
    """Drives a session in which a clip is open."""

    def __init__(self, logics: Logics) -> None:
        self.runner = FakeRunner()
        self.session = Session(logics, self.runner)
        self.messages: list[str] = []
        self.session.message.connect(self.messages.append)
        self.browser = show_cine(logics, clip_case.clip(), "Clip")
        self.session.cines.open(self.browser)

    @property
    def task(self) -> Any:
        return self.runner.job.task

    def draw(self, frame: int, labels: np.ndarray) -> None:
        """The LV on a frame, (Y, X)."""
        self.session.seed.make_segments()
        self.session.go_to(frame, 0)
        SegmentEditor(self.session.nodes).paint("LV", labels[None] > 0)

    def hear(self, **provenance: Any) -> None:
        """The process has found the LV."""
        outcome = an_outcome(self.session.cine, clip_case.labels())
        outcome = replace(outcome, provenance=outcome.provenance | {"seeds": []} | provenance)
        self.runner.job.events.append(Finished(outcome))
        while self.session.busy:
            self.session.poll()


@pytest.fixture
def user(logics: Logics) -> User:
    return User(logics)


def test_the_scene_remembers_that_it_is_a_clip(user: User):
    cine = read_cine(user.browser)
    assert cine.is_echo and not cine.source.spacing_known
    assert user.session.is_clip


def test_a_stack_is_no_clip(logics: Logics, small_cine: Cine):
    session = Session(logics, FakeRunner())
    session.cines.open(show_cine(logics, small_cine, "Heart"))
    assert not session.is_clip and session.propagation.model == "cstm"


def test_a_video_on_disk_is_opened_as_a_clip(logics: Logics, tmp_path: Path):
    with av.open(str(tmp_path / "x.avi"), "w") as film:
        track: Any = film.add_stream("ffv1", rate=25)
        track.width = track.height = clip_case.SIDE
        track.pix_fmt = "gray"
        for image in clip_case.clip().array[:6, 0].astype(np.uint8):
            film.mux(track.encode(av.VideoFrame.from_ndarray(image, "gray")))
        film.mux(track.encode())
    session = Session(logics, FakeRunner())
    session.cines.open_path(tmp_path / "x.avi")
    assert session.is_clip and session.cine.shape[:2] == (6, 1)
    assert session.cine.times[1] == pytest.approx(40)


def test_without_a_drawing_the_lv_is_found(user: User):
    assert user.session.seed.faults() == [] and user.session.propagation.model == "echo-lv"
    assert Step.PROPAGATE in user.session.reachable()
    user.session.propagation.propagate()
    assert (user.task.model, user.task.seed_labels) == ("echo-lv", None)


def test_a_drawn_frame_is_followed(user: User):
    drawn = clip_case.labels()[12, 0]
    user.draw(12, drawn)
    assert user.session.seed.faults() == [] and user.session.propagation.model == "tcmn"
    user.session.propagation.propagate()
    assert user.task.model == "tcmn"
    np.testing.assert_array_equal(user.task.seed_labels[12, 0], drawn)
    assert np.flatnonzero(user.task.seed_labels.any((1, 2, 3))).tolist() == [12]


def test_a_dot_is_refused_in_words_that_fit_a_clip(user: User):
    dot = np.zeros((clip_case.SIDE, clip_case.SIDE), np.uint8)
    dot[5, 5] = 3
    user.draw(3, dot)
    (fault,) = user.session.seed.faults()
    assert fault.blocking and "slice" not in str(fault)
    with pytest.raises(InputError, match="dot"):
        user.session.propagation.propagate()


def test_what_lies_in_pieces_is_reported_by_its_frame(user: User):
    labels = clip_case.labels()[12, 0].copy()
    labels[2:9, 2:9] = 3
    user.draw(12, labels)
    assert ["frame 13" in str(fault) for fault in user.session.seed.faults()] == [True]


def test_ef_is_reported_beat_by_beat(user: User):
    user.session.propagation.propagate()
    user.hear()
    beats = user.session.measurement.beats()
    assert (beats[0]["ed"], beats[0]["es"]) == (0, 6) and len(beats) >= 2
    expected = 100 * (1 - (10 / 16) ** 3)
    assert [beat["ef"] for beat in beats[:2]] == pytest.approx([expected] * 2, abs=4)
    table = user.session.measurement.table
    names = [table.GetCellText(row, 0) for row in range(table.GetNumberOfRows())]
    assert names[-len(beats) :] == [f"EF, frames {beat['ed'] + 1} to {beat['es'] + 1}" for beat in beats]
    assert user.session.measurement.chart.GetYAxisTitle() == "Volume (% of end-diastole)"
    assert user.session.measurement.measures()["LVEDV"]["value"] is None
    assert "frames" in user.messages[-1]


def test_what_does_not_look_like_an_lv_is_reported_first(user: User):
    user.session.propagation.propagate()
    user.hear(doubts=["What was found does not look like the LV."])
    assert user.messages[-1].startswith("What was found does not look like the LV.")


def test_a_correction_of_what_was_found_is_followed(user: User):
    user.session.propagation.propagate()
    user.hear()
    extra = np.zeros((clip_case.SIDE, clip_case.SIDE), np.uint8)
    extra[20:40, 25:30] = 3
    user.draw(7, extra)
    assert user.session.review.corrections() == [(7, 0)]
    assert user.session.review.cost_of_corrections().frames > 0
    user.session.review.propagate_corrections()
    assert user.task.model == "tcmn" and user.task.previous is not None
    assert np.flatnonzero(user.task.seed_labels.any((1, 2, 3))).tolist() == [7]


def test_a_frame_that_was_emptied_is_nothing_to_follow(user: User):
    user.session.propagation.propagate()
    user.hear()
    user.session.go_to(3, 0)
    SegmentEditor(user.session.nodes).erase("LV", np.ones((1, clip_case.SIDE, clip_case.SIDE), bool))
    assert user.session.review.corrections() == [(3, 0)] and not user.session.review.can_propagate_corrections
    before = user.session.nodes.labels()
    with pytest.raises(InputError, match="stays empty, and no frame is drawn"):
        user.session.review.propagate_corrections()
    np.testing.assert_array_equal(user.session.nodes.labels(), before)


def test_a_correction_of_a_clip_costs_the_whole_clip_and_no_time_that_nobody_knows(user: User):
    user.session.propagation.propagate()
    user.hear()
    user.draw(3, np.roll(clip_case.labels()[3, 0], 1, axis=0))
    cost = user.session.review.cost_of_corrections()
    assert (cost.fraction, cost.seconds) == (1.0, 0.0)


def test_a_clip_has_no_surface_to_export(user: User):
    user.session.propagation.propagate()
    user.hear()
    by_name = {export.name: export for export in user.session.export.exports}
    assert not user.session.export.can_export(by_name["stl"]) and "one plane" in user.session.export.why_not(
        by_name["stl"]
    )
    assert user.session.export.can_export(by_name["results"])


def test_nothing_is_proposed_for_a_clip(user: User):
    with pytest.raises(InputError, match="needs no drawing"):
        user.session.seed.propose()


def test_results_of_a_clip_can_be_exported(user: User, tmp_path: Path):
    user.session.propagation.propagate()
    user.hear()
    names = {path.name for path in user.session.export.export("results", tmp_path)}
    assert {"segmentation.nii.gz", "report.html"} <= names


def test_an_ef_that_motion_alone_gave_is_doubted_beside_its_value(user: User):
    user.session.propagation.propagate()
    user.hear(followed={"LV": 0.0})
    assert user.session.measurement.measures()["LVEF"]["value"] is not None
    assert any("motion of the images alone" in doubt for doubt in user.session.measurement.doubts())
