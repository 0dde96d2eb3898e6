"""What the user says of whole slices, over a real scene."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from session_fakes import finished
from session_user import CORRECTION, SEED, User

from medvos.errors import InputError
from medvos.structures import LV, MYO

LAST = 4


def test_a_slice_without_a_ventricle_has_no_labels_and_a_propagation_leaves_it_so(drawn: User):
    session = drawn.session
    session.go_to(2, LAST)
    session.slices.empty(all_phases=True)
    assert session.review.cells().drawn[:, LAST].all()
    drawn.segment()
    assert not drawn.labels[:, LAST].any() and drawn.labels[:, LAST - 1].any()
    assert session.review.cells().drawn[:, LAST].all()
    np.testing.assert_array_equal(drawn.runner.job.task.seed_labels[:, LAST], 0)
    assert not any(z == LAST for _, z, _ in session.review.uncertain_slices())


def test_after_a_result_only_the_phase_in_view_is_emptied_and_undone(done: User):
    session, phase = done.session, 3
    before = done.labels
    session.go_to(phase, LAST)
    session.slices.empty()
    assert not done.labels[phase, LAST].any() and done.labels[phase + 1, LAST].any()
    assert session.review.corrections() == [(phase, LAST)]
    done.settle()
    session.undo()
    done.settle()
    np.testing.assert_array_equal(done.labels, before)
    assert not session.review.corrections()


def test_it_stays_empty_through_a_propagation_of_corrections(done: User):
    session = done.session
    session.go_to(0, LAST)
    session.slices.empty(all_phases=True)
    done.erase(CORRECTION)
    done.draw(CORRECTION)
    session.review.propagate_corrections()
    done.hear(finished(done.cine, done.truth))
    done.settle()
    assert not done.labels[:, LAST].any()


def test_it_is_kept_in_the_scene(drawn: User, synthetic_browser: Any):
    drawn.session.go_to(1, LAST)
    drawn.session.slices.empty()
    drawn.session.close()
    drawn.session.cines.open(synthetic_browser)
    assert drawn.session.review.cells().drawn[1, LAST]


def with_a_muscle(user: User) -> np.ndarray:
    """Darken a part of the cavity of the drawn slice in the cine that is open; return where."""
    labels = user.truth[SEED]
    rows, columns = np.nonzero(labels == LV)
    y, x = int(rows.mean()), int(columns.mean())
    muscle = np.zeros_like(labels, bool)
    muscle[y - 1 : y + 3, x - 1 : x + 3] = True
    muscle &= labels == LV
    image = user.session.cine.array[SEED]
    image[labels == LV], image[labels == MYO] = 200.0, 60.0
    image[muscle] = 55.0
    return muscle


def test_muscles_go_to_the_wall_and_back_as_changes_to_undo(drawn: User):
    session = drawn.session
    muscle = with_a_muscle(drawn)
    session.slices.convert_muscles(to_wall=True)
    assert (drawn.labels[SEED][muscle] == MYO).mean() > 0.8
    assert "Slices converted: 1." in drawn.messages[-1]
    session.slices.convert_muscles(to_wall=False)
    np.testing.assert_array_equal(drawn.labels[SEED] == LV, drawn.truth[SEED] == LV)
    session.undo()
    drawn.settle()
    assert (drawn.labels[SEED][muscle] == MYO).mean() > 0.8
    session.undo()
    drawn.settle()
    np.testing.assert_array_equal(drawn.labels[SEED], drawn.truth[SEED])


def test_where_nothing_can_be_decided_one_sentence_says_why_and_nothing_changes(drawn: User):
    drawn.session.cine.array[SEED] = 100.0
    with pytest.raises(InputError, match=r"stay as they are drawn: .*not brighter.*slice 4 at phase 1"):
        drawn.session.slices.convert_muscles(to_wall=True)
    np.testing.assert_array_equal(drawn.labels[SEED], drawn.truth[SEED])


def test_slices_that_cannot_be_decided_are_named(drawn: User):
    with_a_muscle(drawn)
    drawn.draw((0, 2))
    drawn.session.cine.array[0, 2] = 100.0
    drawn.session.slices.convert_muscles(to_wall=True)
    assert "Unchanged" in drawn.messages[-1] and "slice 3 at phase 1" in drawn.messages[-1]
    np.testing.assert_array_equal(drawn.labels[0, 2], drawn.truth[0, 2])


def test_accepted_slices_are_neither_emptied_nor_converted(done: User):
    session, locked = done.session, (3, LAST)
    session.review.accept(*locked)
    session.go_to(*locked)
    with pytest.raises(InputError, match="accepted and locked"):
        session.slices.empty()
    before = done.labels[locked]
    session.slices.empty(all_phases=True)
    np.testing.assert_array_equal(done.labels[locked], before)
    assert done.labels[:, LAST].any((1, 2)).tolist() == [t == 3 for t in range(6)]
    assert done.messages[-1].endswith("stay as they are: 1.")
    muscle = with_a_muscle(done)
    session.review.accept(*SEED)
    with pytest.raises(InputError, match=r"accepted and locked \(slice 4 at phase 1\)"):
        session.slices.convert_muscles(to_wall=True)
    assert not (done.labels[SEED][muscle] == MYO).any()


def test_without_a_drawing_or_a_slice_in_view_nothing_is_possible(user: User):
    session = user.session
    assert session.slices.is_offered and not session.slices.can_convert
    with pytest.raises(InputError, match="No slice is drawn"):
        session.slices.convert_muscles(to_wall=True)
    session.close()
    assert not session.slices.is_offered and not session.slices.can_empty
    with pytest.raises(InputError, match="No slice is in view"):
        session.slices.empty()
