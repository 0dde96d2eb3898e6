from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from session_fakes import FakeRunner, finished
from session_user import CORRECTION, SEED, User

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Finished, SliceDone
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.session import Session
from MedVOSSegmentLib.session.step import Step


def test_a_drawing_that_does_not_come_back_is_said_at_once_and_holds_the_verdicts(drawn: User):
    event = finished(drawn.cine, drawn.truth)
    misfit = [{"phase": SEED[0], "slice": SEED[1], "dice": {"LV": 0.4}}]
    outcome = replace(event.outcome, provenance={**event.outcome.provenance, "misfit": misfit})
    drawn.session.propagation.propagate()
    drawn.hear(Finished(outcome))
    drawn.settle()
    sentence = f"The drawing of slice {SEED[1] + 1} at phase {SEED[0] + 1} does not come back"
    assert drawn.messages[-1].startswith(sentence)
    assert drawn.session.measurement.doubts()[0].startswith(sentence)


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


def test_steps_are_gone_to_when_their_time_has_come(done: User):
    done.session.go(Step.MEASURE)
    assert done.session.step is Step.MEASURE
    done.session.undo()
    done.settle()
    with pytest.raises(InputError, match="comes later"):
        done.session.go(Step.EXPORT)


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
    assert "removed from the scene" in drawn.messages[-1]
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
