from __future__ import annotations

from unittest.mock import Mock

import numpy as np
import pytest
from session_fakes import FakeRunner, finished

from medvos.errors import InputError
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.events import Failed, Finished, Logged, SliceDone
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.session.background import LOST, Background
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.propagation_exchange import start_propagation
from MedVOSSegmentLib.session.seed_logic import start_proposal

FOREVER = float("inf")


class Desk:
    """A background over a heart with one drawn slice, and all that it says."""

    def __init__(self, heart: HeartNodes, truth: SyntheticHeart) -> None:
        self.runner, self.truth = FakeRunner(), truth
        self.messages: list[str] = []
        self.lines: list[str] = []
        self.background = Background(self.runner, self.messages.append, self.lines.append)
        self.edit = HeartEdit(heart, truth.cine)
        self.edit.put("drawing", np.array([[0, 3]]), truth.labels[0, 3][None])
        self.before = heart.labels()

    def propagate(self) -> None:
        start_propagation(self.background, self.edit, "cstm", "cpu")

    def hear(self, *events: object, polls: int = 1) -> None:
        self.runner.job.events += events
        for _ in range(polls):
            self.background.poll(FOREVER)


@pytest.fixture
def desk(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> Desk:
    return Desk(heart_nodes, small_heart)


def test_there_is_one_job_at_a_time(desk: Desk):
    desk.background.require_idle()
    desk.propagate()
    with pytest.raises(InputError, match="wait for its end or cancel it"):
        desk.background.require_idle()
    assert desk.background.is_running and desk.background.is_whole


def test_a_proposal_is_no_propagation(desk: Desk):
    start_proposal(desk.background, desk.edit, (1, 3), "cstm", "cpu")
    assert desk.background.is_running and not desk.background.is_whole and desk.background.writer is None
    desk.hear(Finished(desk.truth.labels[1, 3]), polls=2)
    assert not desk.background.is_running
    np.testing.assert_array_equal(desk.edit.nodes.phase_labels(1)[3], desk.truth.labels[1, 3])


def test_the_log_is_that_of_the_last_process(desk: Desk):
    desk.propagate()
    desk.hear(Logged("one"), Logged("two"))
    assert desk.background.log == "one\ntwo" and desk.lines == ["one", "two"]
    desk.hear(Failed("It broke.", "all\nof it"), polls=3)
    assert desk.background.log == "all\nof it" and desk.messages == ["It broke."]
    desk.propagate()
    assert desk.background.log == ""


def test_a_result_is_taken_in_by_and_by(desk: Desk):
    desk.propagate()
    desk.hear(finished(desk.truth.cine, desk.truth.labels), polls=2)
    assert desk.background.is_running and desk.edit.state.findings is None
    desk.hear(polls=3)
    assert not desk.background.is_running and desk.edit.state.findings is not None
    assert len(desk.messages) == 1


def test_a_poll_takes_in_as_much_as_its_time_allows(desk: Desk):
    desk.propagate()
    desk.hear(finished(desk.truth.cine, desk.truth.labels), polls=2)
    for _ in range(desk.truth.labels.shape[0]):
        desk.background.poll(0.0)  # the uncertainty of one phase
        assert desk.background.is_running and desk.edit.state.findings is None
    desk.background.poll(FOREVER)
    assert not desk.background.is_running and desk.edit.nodes.uncertainty().any()


def test_it_is_too_late_to_cancel_what_is_being_taken_in(desk: Desk):
    desk.propagate()
    desk.hear(finished(desk.truth.cine, desk.truth.labels), polls=2)
    desk.background.poll(0.0)
    assert desk.background.is_running
    desk.background.cancel()
    desk.hear(polls=3)
    assert desk.edit.state.findings is not None and not desk.background.is_running
    np.testing.assert_array_equal(desk.edit.nodes.labels(), desk.truth.labels)


def test_closing_then_takes_in_the_rest(desk: Desk):
    desk.propagate()
    desk.hear(finished(desk.truth.cine, desk.truth.labels), polls=2)
    desk.background.poll(0.0)
    assert desk.background.is_running and desk.edit.state.findings is None
    desk.background.close(restore=True)
    assert desk.edit.state.findings is not None and desk.runner.job.is_closed
    np.testing.assert_array_equal(desk.edit.nodes.labels(), desk.truth.labels)


@pytest.mark.parametrize("restore", [True, False])
def test_closing_halfway_restores_where_there_is_still_a_scene(desk: Desk, restore: bool):
    desk.propagate()
    desk.hear(SliceDone(2, desk.truth.labels[:, 2]))
    desk.background.close(restore=restore)
    assert desk.runner.job.is_closed and not desk.background.is_running
    assert (desk.edit.nodes.labels() == desk.before).all() == restore


def test_slices_in_the_scene_are_noted_where_it_is_saved(desk: Desk):
    desk.propagate()
    desk.hear(SliceDone(2, desk.truth.labels[:, 2]))
    assert np.argwhere(HeartEdit(desk.edit.nodes, desk.edit.cine).own).tolist() == [[0, 3]]


@pytest.mark.parametrize("slice_", [SliceDone(1, np.zeros((2, 3, 3), np.uint8)), SliceDone(99, np.zeros(1, np.uint8))])
def test_what_cannot_be_taken_in_ends_the_job_and_is_reported_once(desk: Desk, slice_: SliceDone):
    desk.propagate()
    desk.hear(SliceDone(2, desk.truth.labels[:, 2]))
    assert not np.array_equal(desk.edit.nodes.labels(), desk.before)
    desk.hear(slice_, polls=3)
    assert not desk.background.is_running and desk.runner.job.is_closed
    assert desk.messages == [LOST] and "Traceback" in desk.background.log
    np.testing.assert_array_equal(desk.edit.nodes.labels(), desk.before)


def test_a_result_that_the_scene_does_not_take_leaves_nothing_of_it(desk: Desk, monkeypatch):
    desk.propagate()
    desk.hear(finished(desk.truth.cine, desk.truth.labels), polls=2)
    monkeypatch.setattr(desk.edit.nodes, "set_provenance", Mock(side_effect=RuntimeError("no such node")))
    desk.hear(polls=6)
    assert not desk.background.is_running and desk.messages == [LOST]
    assert desk.edit.state.findings is None
    np.testing.assert_array_equal(desk.edit.nodes.labels(), desk.before)
