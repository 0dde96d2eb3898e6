from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from segment_editor import SegmentEditor
from session_fakes import FakeRunner, finished

from medvos.errors import InputError
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.events import Advanced, Failed, Finished, Logged, SliceDone
from MedVOSSegmentLib.job.tasks import ProposalTask
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.sequences import items_of
from MedVOSSegmentLib.session.background import LOST
from MedVOSSegmentLib.session.heart_edit import ONE_STROKE_S
from MedVOSSegmentLib.session.session import Session
from MedVOSSegmentLib.session.step import Step

SEED, CORRECTION = (0, 3), (2, 1)


class User:
    """Drives a session as a person does, and knows what a flawless second process would tell."""

    def __init__(self, logics: Logics, browser: Any, heart: SyntheticHeart) -> None:
        self.runner = FakeRunner()
        self.session = Session(logics, self.runner)
        self.truth, self.cine = heart.labels, heart.cine
        self.messages: list[str] = []
        self.session.message.connect(self.messages.append)
        self.session.cines.open(browser)
        self.session.seed.make_segments()
        self.editor = SegmentEditor(self.session.nodes)

    @property
    def labels(self) -> np.ndarray:
        return self.session.nodes.labels()

    def draw(self, place: tuple[int, int], labels: np.ndarray | None = None) -> None:
        """All three structures, in strokes of their own."""
        self.session.go_to(*place)
        labels = self.truth[place] if labels is None else labels
        for label, name in ((1, "RV"), (2, "Myo"), (3, "LV")):
            mask = np.zeros(self.truth.shape[1:], bool)
            mask[place[1]] = labels == label
            self.editor.paint(name, mask)

    def erase(self, place: tuple[int, int]) -> None:
        self.session.go_to(*place)
        mask = np.zeros(self.truth.shape[1:], bool)
        mask[place[1]] = True
        for name in ("RV", "Myo", "LV"):
            self.editor.erase(name, mask)

    def hear(self, *events: object) -> None:
        """What the second process shows_errors, and polls until all is done that follows from it."""
        self.runner.job.events += events
        for _ in range(10):
            self.session.poll()

    def settle(self) -> None:
        while self.session.busy:
            self.session.poll()

    def segment(self, labels: np.ndarray | None = None) -> None:
        self.session.propagation.propagate()
        self.hear(finished(self.cine, self.truth if labels is None else labels))
        self.settle()


@pytest.fixture
def user(logics: Logics, synthetic_browser: Any, small_heart: SyntheticHeart) -> User:
    return User(logics, synthetic_browser, small_heart)


@pytest.fixture
def drawn(user: User) -> User:
    user.draw(SEED)
    return user


@pytest.fixture
def done(drawn: User) -> User:
    drawn.segment()
    time.sleep(1.2 * ONE_STROKE_S)
    return drawn


def test_at_first_the_user_is_asked_to_draw(user: User):
    assert user.session.step is Step.SEED
    assert user.session.reachable() == {Step.SEED}
    assert [str(fault) for fault in user.session.seed.faults()] == [
        "Nothing is drawn yet: draw the LV, the myocardium and the RV on one slice."
    ]
    with pytest.raises(InputError, match="Nothing is drawn yet"):
        user.session.propagation.propagate()
    assert user.runner.job is None


def test_a_drawing_is_noticed_stroke_by_stroke(user: User):
    changes = []
    user.session.changed.connect(changes.append)
    user.draw(SEED)
    assert changes
    assert user.session.seed.faults() == []
    assert Step.PROPAGATE in user.session.reachable()
    np.testing.assert_array_equal(user.session.heart.edit.cache.labels, user.labels)


def test_the_process_is_given_just_what_was_drawn(drawn: User):
    drawn.session.propagation.propagate("cstm-research", "cpu")
    task = drawn.runner.job.task
    expected = np.zeros_like(drawn.truth)
    expected[SEED] = drawn.truth[SEED]
    np.testing.assert_array_equal(task.seed_labels, expected)
    assert (task.model, task.device, task.previous) == ("cstm-research", "cpu", None)
    assert task.cine is drawn.session.cine


def test_what_a_script_drew_counts_too(user: User):
    places = np.zeros(user.truth.shape[:2], bool)
    places[SEED] = True
    user.session.nodes.set_labels(user.truth, places)
    user.session.propagation.propagate()
    assert user.runner.job.task.seed_labels[SEED].any()


def test_a_result_is_shown_with_everything_that_comes_with_it(done: User):
    session = done.session
    np.testing.assert_array_equal(done.labels, done.truth)
    assert session.step is Step.REVIEW and session.reachable() == set(Step)
    assert session.nodes.uncertainty().max() == np.float32(0.25)
    assert session.nodes.provenance()["model"] == "cstm"
    assert session.measurement.measures()["LVEF"]["interval"] == [50.0, 60.0]
    assert len(session.measurement.curves()["LV_mL"]) == 6
    assert (
        session.measurement.table.GetNumberOfRows() == len(session.measurement.measures())
        and session.measurement.chart is not None
    )
    assert session.review.uncertain_slices()[0][:2] == (5, 5)
    assert SEED not in [place[:2] for place in session.review.uncertain_slices()]
    assert session.review.corrections() == [] and session.progress is None and not session.busy
    assert done.messages[-1].startswith("The heart is segmented")


def test_progress_and_log_are_told(drawn: User):
    lines, changes = [], []
    drawn.session.logged.connect(lines.append)
    drawn.session.propagation.propagate()
    assert drawn.session.progress.total == 0 and drawn.session.step is Step.PROPAGATE
    drawn.session.changed.connect(changes.append)
    drawn.hear(Advanced(4, 10, 3.0, "propagating"), Logged("a line"), Logged("another"))
    assert drawn.session.progress == Advanced(4, 10, 3.0, "propagating")
    assert lines == ["a line", "another"] and len(changes) == 1
    assert drawn.session.log == "a line\nanother"


def test_slices_appear_while_it_runs(drawn: User):
    drawn.session.propagation.propagate()
    drawn.hear(SliceDone(4, drawn.truth[:, 4]))
    np.testing.assert_array_equal(drawn.labels[:, 4], drawn.truth[:, 4])
    assert drawn.session.review.corrections() == [] and drawn.session.heart.state.findings is None


def test_while_it_runs_nothing_else_begins(drawn: User):
    drawn.session.propagation.propagate()
    other = [
        drawn.session.propagation.propagate,
        drawn.session.review.propagate_corrections,
        drawn.session.seed.propose,
        drawn.session.undo,
        drawn.session.redo,
        lambda: drawn.session.review.accept(0, 0),
        lambda: drawn.session.export.export("report", "."),
        lambda: drawn.session.cines.open_path("anything"),
        lambda: drawn.session.cines.open(None),
    ]
    for act in other:
        with pytest.raises(InputError, match="wait for its end or cancel it"):
            act()
    assert not drawn.session.can_undo
    with pytest.raises(InputError, match="comes later"):
        drawn.session.go(Step.SEED)


def test_a_runner_that_is_busy_elsewhere_refuses_kindly(drawn: User):
    drawn.runner.refusal = "A segmentation is running already: wait for its end or cancel it first."
    with pytest.raises(InputError, match="running already"):
        drawn.session.propagation.propagate()
    assert drawn.session.progress is None and drawn.session.step is Step.SEED


@pytest.mark.parametrize("end", ["cancel", "failure"])
def test_when_it_does_not_end_well_the_scene_is_as_before(drawn: User, end: str):
    before, attributes = drawn.labels, attributes_of(drawn)
    changes_before = len(drawn.session.heart.edit.history._done)
    drawn.session.propagation.propagate()
    drawn.hear(SliceDone(4, drawn.truth[:, 4]), SliceDone(3, drawn.truth[:, 3]))
    assert (drawn.labels != before).any()
    if end == "cancel":
        drawn.session.cancel()
        drawn.hear()
    else:
        drawn.hear(Failed("The segmentation ran out of memory.", "log"))
    np.testing.assert_array_equal(drawn.labels, before)
    assert attributes_of(drawn) == attributes
    assert drawn.session.step is Step.SEED and not drawn.session.busy
    assert len(drawn.session.heart.edit.history._done) == changes_before
    word = "Cancelled" if end == "cancel" else "out of memory"
    assert word in drawn.messages[-1] and len(drawn.messages) == 1
    drawn.segment()
    assert drawn.session.step is Step.REVIEW


def attributes_of(user: User) -> dict[str, str]:
    user.session.heart.edit.save()
    node = user.session.nodes.sequence
    return {name: node.GetAttribute(name) for name in node.GetAttributeNames()}


def test_what_is_drawn_while_it_runs_stays_and_is_a_correction(drawn: User):
    drawn.session.propagation.propagate()
    drawn.hear(SliceDone(1, drawn.truth[:, 1]))
    other = np.roll(drawn.truth[CORRECTION], 5, axis=0)
    drawn.draw(CORRECTION, other)
    late = (5, 4)
    drawn.draw(late, np.roll(drawn.truth[late], 3, axis=1))
    kept = drawn.labels[[CORRECTION[0], late[0]], [CORRECTION[1], late[1]]]
    drawn.hear(finished(drawn.cine, drawn.truth))
    np.testing.assert_array_equal(drawn.labels[[CORRECTION[0], late[0]], [CORRECTION[1], late[1]]], kept)
    assert drawn.session.review.corrections() == [CORRECTION, late]
    assert np.argwhere(drawn.session.heart.state.drawn).tolist() == [list(SEED)]
    assert (drawn.labels != drawn.truth).any((2, 3)).sum() == 2
    assert drawn.session.measurement.measures()["LVEF"]["interval"] != [50.0, 60.0]


def test_what_is_drawn_while_it_runs_stays_after_a_cancel(drawn: User):
    drawn.session.propagation.propagate()
    drawn.hear(SliceDone(1, drawn.truth[:, 1]))
    drawn.draw((5, 4))
    drawn.session.cancel()
    drawn.hear()
    assert np.argwhere(drawn.labels.any((2, 3))).tolist() == [list(SEED), [5, 4]]
    np.testing.assert_array_equal(drawn.labels[5, 4], drawn.truth[5, 4])


def test_a_new_propagation_leaves_every_drawing(done: User):
    mine = np.roll(done.truth[CORRECTION], 5, axis=0)
    done.erase(CORRECTION)
    done.draw(CORRECTION, mine)
    done.session.review.accept(4, 4)
    done.segment(np.full_like(done.truth, 2))
    np.testing.assert_array_equal(done.labels[CORRECTION], mine)
    np.testing.assert_array_equal(done.labels[SEED], done.truth[SEED])
    np.testing.assert_array_equal(done.labels[4, 4], done.truth[4, 4])
    others = np.ones(done.truth.shape[:2], bool)
    others[CORRECTION] = others[SEED] = others[4, 4] = False
    assert (done.labels[others] == 2).all()
    np.testing.assert_array_equal(done.session.heart.state.drawn, ~others & (np.indices(others.shape)[0] != 4))


def test_an_emptied_slice_stays_empty(done: User):
    done.erase(CORRECTION)
    assert done.session.review.corrections() == [CORRECTION]
    done.segment(np.full_like(done.truth, 2))
    assert not done.labels[CORRECTION].any()
    assert done.session.review.corrections() == []


def test_without_any_drawing_left_there_is_nothing_to_follow(done: User):
    done.erase(SEED)
    assert done.session.review.corrections() == [SEED] and done.session.review.cost_of_corrections().frames == 0
    with pytest.raises(InputError, match="Nothing is drawn yet"):
        done.session.review.propagate_corrections()
    assert not done.labels[SEED].any()


def test_a_correction_is_found_priced_and_followed(done: User):
    assert done.session.review.cost_of_corrections().frames == 0
    with pytest.raises(InputError, match="Nothing was corrected"):
        done.session.review.propagate_corrections()
    mine = np.roll(done.truth[CORRECTION], 5, axis=0)
    done.erase(CORRECTION)
    done.draw(CORRECTION, mine)
    done.session.review.accept(4, 4)
    assert done.session.review.corrections() == [CORRECTION]
    assert CORRECTION not in [place[:2] for place in done.session.review.uncertain_slices()]
    cost = done.session.review.cost_of_corrections()
    assert 0 < cost.fraction < 1 and cost.seconds == pytest.approx(100 * cost.fraction)
    done.session.review.propagate_corrections()
    task = done.runner.job.task
    assert np.argwhere(task.seed_labels.any((2, 3))).tolist() == [list(SEED), list(CORRECTION), [4, 4]]
    assert np.argwhere(task.previous.seeds).tolist() == [list(SEED)]
    new = done.truth.copy()
    new[:, 2] = 1
    new[CORRECTION] = mine
    done.hear(finished(done.cine, new, seconds=30.0))
    np.testing.assert_array_equal(done.labels, new)
    assert done.session.review.corrections() == []
    assert np.argwhere(done.session.heart.state.drawn).tolist() == [list(SEED), list(CORRECTION)]
    done.draw((3, 4), np.roll(done.truth[3, 4], 9, axis=1))
    cost = done.session.review.cost_of_corrections()
    assert cost.fraction > 0 and cost.seconds == pytest.approx(100 * cost.fraction)


def test_accepted_slices_are_locked_and_leave_the_list(done: User):
    worst = done.session.review.uncertain_slices()[0][:2]
    done.session.review.accept(*worst)
    assert worst not in [place[:2] for place in done.session.review.uncertain_slices()]
    done.session.review.unaccept(*worst)
    assert done.session.review.uncertain_slices()[0][:2] == worst


def test_nothing_can_be_accepted_before_there_is_a_result(drawn: User):
    with pytest.raises(InputError, match="nothing to accept yet"):
        drawn.session.review.accept(0, 0)


def test_everything_can_be_undone_and_made_again(done: User, tmp_path: Path):
    session = done.session
    session.review.accept(4, 4)
    done.erase(CORRECTION)
    moments = [done.labels]
    while session.can_undo:
        session.undo()
        done.settle()
        moments.append(done.labels)
    assert not done.labels.any() and session.step is Step.SEED
    assert session.measurement.table is None and session.measurement.measures() == {} and session.review.scores is None
    assert any((moment == done.truth).all() for moment in moments)
    while session.can_redo:
        session.redo()
        done.settle()
        moments.pop()
        np.testing.assert_array_equal(done.labels, moments[-1])
    assert session.heart.state.accepted[4, 4] and session.review.corrections() == [CORRECTION]
    assert session.nodes.uncertainty().max() == np.float32(0.25)
    assert session.measurement.measures()["LVEDV"]["value"] is not None


def test_a_proposal_is_drawn_as_if_by_the_user(user: User):
    user.session.go_to(*SEED)
    user.session.seed.propose()
    task = user.runner.job.task
    assert isinstance(task, ProposalTask) and (task.phase, task.slice) == SEED
    user.hear(Finished(user.truth[SEED]))
    assert np.argwhere(user.labels.any((2, 3))).tolist() == [list(SEED)]
    assert "correct it" in user.messages[-1]
    assert user.session.seed.faults() == []
    user.session.undo()
    assert not user.labels.any()


def test_a_proposal_goes_where_drawing_is_easiest_unless_told(logics: Logics, synthetic_browser: Any):
    runner = FakeRunner()
    session = Session(logics, runner)
    session.cines.open(synthetic_browser)
    session.seed.propose()
    assert (runner.job.task.phase, runner.job.task.slice) == session.place == session.seed.find_place()


def test_a_proposal_never_takes_the_place_of_a_drawing(drawn: User):
    with pytest.raises(InputError, match="Slice 3 at phase 0 has labels: erase them"):
        drawn.session.seed.propose()
    drawn.session.go_to(1, 3)
    drawn.session.seed.propose()
    drawn.draw((1, 3), np.roll(drawn.truth[1, 3], 4, axis=0))
    mine = drawn.labels
    drawn.hear(Finished(drawn.truth[1, 3]))
    np.testing.assert_array_equal(drawn.labels, mine)
    assert "your drawing stays" in drawn.messages[-1]


def test_a_proposal_that_finds_nothing_says_so(user: User):
    user.session.go_to(0, 0)
    user.session.seed.propose()
    user.hear(Finished(np.zeros(user.truth.shape[2:], np.uint8)))
    assert "No heart was found" in user.messages[-1] and not user.session.can_undo


def test_a_proposal_can_be_cancelled(user: User):
    user.session.go_to(*SEED)
    user.session.seed.propose()
    user.session.cancel()
    user.hear()
    assert not user.labels.any() and not user.session.busy


def test_steps_are_gone_to_when_their_time_has_come(done: User):
    done.session.go(Step.MEASURE)
    assert done.session.step is Step.MEASURE
    done.session.undo()
    done.settle()
    with pytest.raises(InputError, match="comes later"):
        done.session.go(Step.EXPORT)


def test_exports_are_of_what_the_segments_hold(done: User, tmp_path: Path):
    assert {export.name for export in done.session.export.exports} >= {"results", "report", "segmentation", "volumes"}
    done.erase(CORRECTION)
    (file,) = done.session.export.export("segmentation", tmp_path)
    from medvos.cine.read import read

    np.testing.assert_array_equal(read(file).array, done.labels)


def test_nothing_is_exported_before_there_is_a_result(drawn: User, tmp_path: Path):
    with pytest.raises(InputError, match="nothing to export yet"):
        drawn.session.export.export("report", tmp_path)


def test_closing_while_it_runs_ends_the_job_and_leaves_the_segments_as_before(drawn: User):
    before, heart = drawn.labels, drawn.session.nodes
    drawn.session.propagation.propagate()
    drawn.hear(SliceDone(4, drawn.truth[:, 4]))
    drawn.session.close()
    assert drawn.runner.job.is_closed and not drawn.session.busy
    np.testing.assert_array_equal(heart.labels(), before)
    drawn.session.poll()


def test_closing_the_scene_while_it_runs_ends_the_job(drawn: User, logics: Logics):
    drawn.session.propagation.propagate()
    drawn.hear(SliceDone(4, drawn.truth[:, 4]))
    logics.scene.Clear(0)
    assert drawn.runner.job.is_closed and not drawn.session.busy and drawn.session.cine is None
    drawn.session.poll()
    assert drawn.session.measurement.measures() == {} and drawn.session.review.uncertain_slices() == []


def test_polling_without_anything_to_do_does_nothing(logics: Logics):
    session = Session(logics, FakeRunner())
    session.poll()
    session.cancel()
    assert not session.busy and session.reachable() == frozenset()


@pytest.mark.parametrize("lost", ["segmentation", "volumes", "browser"])
def test_nodes_taken_out_mid_run_leave_the_segments_as_they_were(drawn: User, lost: str):
    heart, before = drawn.session.nodes, drawn.labels
    drawn.session.propagation.propagate()
    drawn.hear(SliceDone(2, drawn.truth[:, 2]))
    assert not np.array_equal(heart.labels(), before)
    node = {"segmentation": heart.segmentation, "volumes": heart.images, "browser": heart.browser}[lost]
    heart.logics.scene.RemoveNode(node)
    assert drawn.session.cine is None and drawn.runner.job.is_closed
    assert "taken out of the scene" in drawn.messages[-1]
    np.testing.assert_array_equal(heart.labels(), before)


def test_a_cine_that_was_cropped_meanwhile_is_opened_anew(drawn: User):
    heart = drawn.session.nodes
    for volume in items_of(heart.images):
        moved = volume.GetOrigin()
        volume.SetOrigin(moved[0] + 30.0, moved[1], moved[2])
    with pytest.raises(InputError, match="opened anew"):
        drawn.session.propagation.propagate()
    assert drawn.runner.job is None
    assert drawn.session.nodes.shows_its_cine()
    drawn.session.propagation.propagate()
    assert drawn.session.progress is not None


def test_phases_taken_from_the_cine_mid_run_leave_the_segments_as_they_were(drawn: User):
    heart, before = drawn.session.nodes, drawn.labels
    drawn.session.propagation.propagate()
    heart.images.RemoveDataNodeAtValue(heart.images.GetNthIndexValue(5))
    drawn.hear(finished(drawn.cine, drawn.truth))
    drawn.settle()
    assert drawn.messages == [LOST] and drawn.session.review.scores is None
    np.testing.assert_array_equal(heart.labels(), before)


def test_undoing_a_propagation_in_a_loaded_scene_brings_back_its_uncertainty(drawn: User):
    drawn.segment()
    browser, before = drawn.session.browser, drawn.session.nodes.uncertainty()
    drawn.session.close()
    drawn.session.cines.open(browser)
    drawn.session.propagation.propagate()
    outcome = finished(drawn.cine, drawn.truth).outcome
    drawn.hear(Finished(replace(outcome, uncertainty=1 - outcome.uncertainty)))
    drawn.settle()
    assert not np.array_equal(drawn.session.nodes.uncertainty(), before)
    drawn.session.undo()
    drawn.settle()
    np.testing.assert_array_equal(drawn.session.nodes.uncertainty(), before)
