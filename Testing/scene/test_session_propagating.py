from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from session_fakes import FakeRunner, an_outcome

from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.session import propagating
from MedVOSSegmentLib.session.run import Run
from MedVOSSegmentLib.session.step import Step
from MedVOSSegmentLib.session.work import Work

FOREVER = float("inf")


@pytest.fixture
def work(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> Work:
    """One slice is drawn."""
    work = Work(heart_nodes, small_heart.cine)
    work.put("drawing", np.array([[0, 3]]), small_heart.labels[0, 3][None])
    return work


def started(work: Work, whole: bool = True) -> Run:
    return propagating.start(FakeRunner(), work, "cstm", "cpu", print, whole=whole)


def finish(work: Work, run: Run, labels: np.ndarray) -> None:
    run.outcome = an_outcome(work.cine, labels)
    run.filling.want_all(labels)
    run.filling.step()
    for _ in propagating.finish(work, run):
        pass


def test_what_the_process_is_given_does_not_change_while_the_user_draws(work: Work, small_heart: SyntheticHeart):
    runner = FakeRunner()
    propagating.start(runner, work, "cstm", "cpu", print, whole=True)
    given = runner.job.task.seed_labels.copy()
    work.known.see_phase(0, np.zeros_like(small_heart.labels[0]))
    np.testing.assert_array_equal(runner.job.task.seed_labels, given)


def test_a_result_becomes_the_state(work: Work, small_heart: SyntheticHeart):
    finish(work, started(work), small_heart.labels)
    state = work.state
    assert state.step is Step.REVIEW and np.argwhere(state.drawn).tolist() == [[0, 3]]
    assert (state.findings.model, state.findings.device, state.findings.full_seconds) == ("cstm", "cpu", 100.0)
    np.testing.assert_array_equal(work.heart.uncertainty(), state.findings.uncertainty)
    assert not work.changed.any()


def test_measures_of_other_labels_are_not_taken_for_those_of_the_segments(work: Work, small_heart: SyntheticHeart):
    finish(work, started(work), small_heart.labels)
    assert work.state.findings.measured != propagating.NOT_AS_FOUND
    work.do("acceptance", work.state.accepting(4, 4, True))
    finish(work, started(work), np.full_like(small_heart.labels, 2))
    assert work.state.findings.measured == propagating.NOT_AS_FOUND


def test_the_time_of_corrections_is_not_that_of_everything(work: Work, small_heart: SyntheticHeart):
    finish(work, started(work), small_heart.labels)
    work.put("correction", np.array([[2, 1]]), np.roll(small_heart.labels[2, 1], 5, axis=0)[None])
    cost = propagating.cost_of_corrections(work)
    assert 0 < cost.fraction < 1 and cost.seconds == pytest.approx(100 * cost.fraction)
    run = started(work, whole=False)
    run.outcome = an_outcome(work.cine, work.known.labels.copy(), seconds=7.0)
    for _ in propagating.finish(work, run):
        pass
    assert work.state.findings.full_seconds == 100.0


def test_after_a_scene_was_loaded_the_uncertainty_is_that_of_the_scene(work: Work, small_heart: SyntheticHeart):
    finish(work, started(work), small_heart.labels)
    work.state = replace(work.state, findings=replace(work.state.findings, uncertainty=None))
    np.testing.assert_array_equal(propagating.previous(work).uncertainty, work.heart.uncertainty())
    assert propagating.previous(work).uncertainty.max() == np.float32(0.25)
