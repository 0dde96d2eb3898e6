from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from session_fakes import FakeRunner
from session_user import SEED, User

from medvos.cine.seed import digest_of
from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Finished
from MedVOSSegmentLib.job.tasks import ProposalTask
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.heart_edit import SAVED
from MedVOSSegmentLib.session.session import Session
from MedVOSSegmentLib.session.state import State
from MedVOSSegmentLib.session.step import Step


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


def test_a_proposal_is_drawn_as_if_by_the_user(user: User):
    user.session.go_to(*SEED)
    user.session.seed.propose()
    task = user.runner.job.task
    assert isinstance(task, ProposalTask) and (task.phase, task.slice) == SEED
    user.hear(Finished(user.truth[SEED]))
    assert np.argwhere(user.labels.any((2, 3))).tolist() == [list(SEED)]
    assert "correct it" in user.messages[-1]
    assert user.session.seed.faults() == []
    user.session.propagation.propagate()
    task = user.runner.job.task
    assert task.proposals == (digest_of(user.truth[SEED]),) == (digest_of(task.seed_labels[SEED]),)


def test_proposals_are_known_after_the_scene_was_saved_until_they_are_accepted(user: User):
    user.session.go_to(*SEED)
    user.session.seed.propose()
    user.hear(Finished(user.truth[SEED]))
    edit = user.session.heart.edit
    digest = digest_of(user.truth[SEED])
    saved = State.of_text(edit.nodes.sequence.GetAttribute(SAVED), edit.cine.shape, lambda: None)
    assert saved.proposals == edit.unconfirmed == (digest,)
    edit.do("accept", edit.state.accepting(*SEED, True))
    assert edit.unconfirmed == () and edit.state.proposals == (digest,)


def test_a_proposal_is_one_change_to_undo(user: User):
    user.session.go_to(*SEED)
    user.session.seed.propose()
    user.hear(Finished(user.truth[SEED]))
    user.session.undo()
    assert not user.labels.any()


def test_a_proposal_goes_where_drawing_is_easiest_by_default(logics: Logics, synthetic_browser: Any):
    runner = FakeRunner()
    session = Session(logics, runner)
    session.cines.open(synthetic_browser)
    session.seed.propose()
    assert (runner.job.task.phase, runner.job.task.slice) == session.place == session.seed.find_place()


def test_a_proposal_never_takes_the_place_of_a_drawing(drawn: User):
    with pytest.raises(InputError, match="Slice 4 at phase 1 has labels: erase them"):
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
