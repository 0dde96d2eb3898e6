from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from session_fakes import FakeRunner, an_outcome

from medvos.measure.correction import FORMER, FORMER_BANDS
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.session import propagation_exchange
from MedVOSSegmentLib.session.background import Background
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.pending_propagation import PendingPropagation
from MedVOSSegmentLib.session.step import Step

FOREVER = float("inf")


@pytest.fixture
def edit(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> HeartEdit:
    """One slice is drawn."""
    edit = HeartEdit(heart_nodes, small_heart.cine)
    edit.put("drawing", np.array([[0, 3]]), small_heart.labels[0, 3][None])
    return edit


def background_of(runner: FakeRunner) -> Background:
    return Background(runner, print, print)


def started(edit: HeartEdit, whole: bool = True) -> PendingPropagation:
    background = background_of(FakeRunner())
    if whole:
        return propagation_exchange.start_propagation(background, edit, "cstm", "cpu")
    return propagation_exchange.start_corrections(background, edit, edit.state.findings)


def finish(edit: HeartEdit, run: PendingPropagation, labels: np.ndarray) -> None:
    run.outcome = an_outcome(edit.cine, labels)
    run.writer.queue_all(labels)
    run.writer.step()
    for _ in propagation_exchange.accept_propagation(edit, run):
        pass


def test_what_the_process_is_given_does_not_change_while_the_user_draws(edit: HeartEdit, small_heart: SyntheticHeart):
    runner = FakeRunner()
    propagation_exchange.start_propagation(background_of(runner), edit, "cstm", "cpu")
    given = runner.job.task.seed_labels.copy()
    edit.cache.update_phase(0, np.zeros_like(small_heart.labels[0]))
    np.testing.assert_array_equal(runner.job.task.seed_labels, given)


def test_a_result_becomes_the_state(edit: HeartEdit, small_heart: SyntheticHeart):
    finish(edit, started(edit), small_heart.labels)
    state = edit.state
    assert state.step is Step.REVIEW and np.argwhere(state.drawn).tolist() == [[0, 3]]
    assert (state.findings.model, state.findings.device, state.findings.full_seconds) == ("cstm", "cpu", 100.0)
    np.testing.assert_array_equal(edit.nodes.uncertainty(), state.findings.uncertainty)
    assert not edit.changed.any()


def test_measures_of_other_labels_are_not_taken_for_those_of_the_segments(edit: HeartEdit, small_heart: SyntheticHeart):
    finish(edit, started(edit), small_heart.labels)
    assert edit.state.findings.measured != propagation_exchange.NOT_AS_FOUND
    edit.do("acceptance", edit.state.accepting(4, 4, True))
    finish(edit, started(edit), np.full_like(small_heart.labels, 2))
    assert edit.state.findings.measured == propagation_exchange.NOT_AS_FOUND


def test_the_time_of_corrections_is_not_that_of_everything(edit: HeartEdit, small_heart: SyntheticHeart):
    finish(edit, started(edit), small_heart.labels)
    edit.put("correction", np.array([[2, 1]]), np.roll(small_heart.labels[2, 1], 5, axis=0)[None])
    cost = propagation_exchange.cost_of_corrections(edit, edit.state.findings)
    assert 0 < cost.fraction < 1 and cost.seconds == pytest.approx(100 * cost.fraction)
    run = started(edit, whole=False)
    run.outcome = an_outcome(edit.cine, edit.cache.labels.copy(), seconds=7.0)
    for _ in propagation_exchange.accept_propagation(edit, run):
        pass
    assert edit.state.findings.full_seconds == 100.0


def test_a_correction_is_given_the_intervals_that_its_labels_do_not_show(edit: HeartEdit, small_heart: SyntheticHeart):
    finish(edit, started(edit), small_heart.labels)
    constants = {"fitted_on": "a test", "LV": [1.0, 16.0, 0.3]}
    bands = {"LV": [[1.0], [2.0]]}
    findings = replace(edit.state.findings, provenance={"intervals": constants, FORMER_BANDS: bands})
    edit.put("correction", np.array([[2, 1]]), np.roll(small_heart.labels[2, 1], 5, axis=0)[None])
    previous = propagation_exchange.previous_result(edit, findings)
    assert not previous.labels[2, 1].any()
    assert previous.provenance == {"intervals": constants, FORMER: {"LVEF": [50.0, 60.0]}, FORMER_BANDS: bands}


def test_after_a_scene_was_loaded_the_uncertainty_is_that_of_the_scene(edit: HeartEdit, small_heart: SyntheticHeart):
    finish(edit, started(edit), small_heart.labels)
    edit.state = replace(edit.state, findings=replace(edit.state.findings, uncertainty=None))
    np.testing.assert_array_equal(
        propagation_exchange.previous_result(edit, edit.state.findings).uncertainty, edit.nodes.uncertainty()
    )
    assert propagation_exchange.previous_result(edit, edit.state.findings).uncertainty.max() == np.float32(0.25)


def test_what_is_said_of_single_slices_is_handed_to_corrections(edit: HeartEdit, small_heart: SyntheticHeart):
    finish(edit, started(edit), small_heart.labels)
    said = {"carried": {"3": [7]}, "rv_removed_in": [2]}
    found = edit.state.findings
    found = replace(found, provenance={**found.provenance, **said, "doubts": ["It is carried."]})
    handed = propagation_exchange.previous_result(edit, found).provenance
    assert {key: handed[key] for key in said} == said
    assert "doubts" not in handed  # the engine says them anew
