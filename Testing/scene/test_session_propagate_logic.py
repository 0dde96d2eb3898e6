from __future__ import annotations

import numpy as np
import pytest
from session_fakes import finished
from session_user import CORRECTION, SEED, User

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Advanced, Failed, Logged, SliceDone
from MedVOSSegmentLib.scene.sequences import items_of
from MedVOSSegmentLib.session.background import LOST
from MedVOSSegmentLib.session.step import Step


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


def test_progress_and_log_are_reported(drawn: User):
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


def test_a_cine_that_was_cropped_meanwhile_is_opened_again(drawn: User):
    heart = drawn.session.nodes
    for volume in items_of(heart.images):
        moved = volume.GetOrigin()
        volume.SetOrigin(moved[0] + 30.0, moved[1], moved[2])
    with pytest.raises(InputError, match="opened again"):
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
