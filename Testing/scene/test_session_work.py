from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from segment_editor import SegmentEditor
from session_fakes import an_outcome

from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.session.filling import Filling
from MedVOSSegmentLib.session.state import Findings
from MedVOSSegmentLib.session.step import Step
from MedVOSSegmentLib.session.work import ONE_STROKE_S, SAVED, Work


@pytest.fixture
def fillings() -> list[Filling]:
    """What is at work while the user draws."""
    return []


@pytest.fixture
def work(heart_nodes: HeartNodes, small_heart: SyntheticHeart, fillings: list[Filling]) -> Work:
    """With edits of the phase in view coming in as they do in a session."""
    work = Work(heart_nodes, small_heart.cine)
    heart_nodes.on_edited(lambda phase: work.edited(phase, fillings[0] if fillings else None))
    return work


@pytest.fixture
def editor(work: Work) -> SegmentEditor:
    return SegmentEditor(work.heart)


def box(work: Work, z: int, size: int = 20) -> np.ndarray:
    mask = np.zeros(work.cine.shape[1:], bool)
    mask[z, 30 : 30 + size, 30:50] = True
    return mask


def with_findings(work: Work, labels: np.ndarray) -> Findings:
    outcome = an_outcome(work.cine, labels)
    uncertainty = outcome.uncertainty
    return Findings(
        outcome.slice_scores, outcome.measures, -1, outcome.phases, outcome.provenance, "cstm", "cpu", 9.0, uncertainty
    )


def another_stroke() -> None:
    time.sleep(1.2 * ONE_STROKE_S)


def test_what_the_user_paints_is_the_users(work: Work, editor: SegmentEditor):
    assert not work.own.any()
    editor.paint("LV", box(work, 3))
    assert np.argwhere(work.own).tolist() == [[0, 3]]
    assert work.known.labels[0, 3, 35, 40] == 3


def test_each_stroke_is_taken_back_and_made_again(work: Work, editor: SegmentEditor):
    editor.paint("LV", box(work, 3))
    first = work.heart.labels()
    another_stroke()
    editor.paint("Myo", box(work, 3, size=5))
    second = work.heart.labels()
    assert work.undo() == "drawing"
    np.testing.assert_array_equal(work.heart.labels(), first)
    work.undo()
    assert not work.heart.labels().any() and not work.own.any()
    assert work.undo() == ""
    work.redo()
    work.redo()
    np.testing.assert_array_equal(work.heart.labels(), second)
    assert work.redo() == ""


def test_edits_of_one_stroke_are_one_change(work: Work, editor: SegmentEditor):
    editor.paint("LV", box(work, 3))
    editor.paint("Myo", box(work, 4))
    work.undo()
    assert not work.heart.labels().any()
    assert not work.history.can_undo


def test_a_stroke_right_after_something_else_is_a_change_of_its_own(work: Work, editor: SegmentEditor):
    editor.paint("LV", box(work, 3))
    work.put("proposal", np.array([[1, 3]]), np.ones((1, 80, 80), np.uint8))
    before = work.heart.labels()
    editor.paint("Myo", box(work, 4))
    work.undo()
    np.testing.assert_array_equal(work.heart.labels(), before)


def test_the_module_s_own_writing_is_nobody_s_drawing(work: Work, small_heart: SyntheticHeart):
    filling = Filling(work.heart, work.known, work.written)
    filling.want_all(small_heart.labels)
    filling.step()
    work.refresh()
    assert not work.own.any() and not work.history.can_undo


def test_edits_that_no_event_told_of_are_found(work: Work, small_heart: SyntheticHeart):
    everywhere = np.zeros(small_heart.labels.shape[:2], bool)
    everywhere[4, 2] = True
    work.heart.set_labels(small_heart.labels, everywhere)
    assert not work.own.any()
    work.refresh()
    assert np.argwhere(work.own).tolist() == [[4, 2]]


def test_a_stroke_over_a_first_version_is_taken_back_to_before_it(
    work: Work, editor: SegmentEditor, small_heart: SyntheticHeart, fillings: list[Filling]
):
    fillings.append(Filling(work.heart, work.known, work.written))
    fillings[0].want_all(small_heart.labels)
    fillings[0].step()
    editor.paint("RV", box(work, 3))
    fillings[0].want_back()
    fillings[0].step()
    assert np.argwhere(work.heart.labels().any((2, 3))).tolist() == [[0, 3]]
    work.undo()
    assert not work.heart.labels().any() and not work.own.any()


def test_a_change_of_state_is_taken_back(work: Work):
    work.do("acceptance", work.state.accepting(2, 2, True))
    work.undo()
    assert not work.state.accepted.any()
    work.redo()
    assert work.state.accepted[2, 2]


def test_undoing_a_result_takes_its_findings_out_of_the_scene(work: Work, small_heart: SyntheticHeart):
    findings = with_findings(work, small_heart.labels)
    work.heart.set_uncertainty(findings.uncertainty)
    work.heart.set_provenance(findings.provenance)
    work.do("propagation", replace(work.state, findings=findings))
    work.undo()
    assert work.heart.provenance() == {} and not work.heart.uncertainty().any()
    work.redo()
    assert work.heart.provenance() == findings.provenance
    np.testing.assert_array_equal(work.heart.uncertainty(), findings.uncertainty)


def test_putting_labels_makes_them_the_users(work: Work, small_heart: SyntheticHeart):
    work.put("proposal", np.array([[0, 3]]), small_heart.labels[0, 3][None])
    np.testing.assert_array_equal(work.heart.phase_labels(0)[3], small_heart.labels[0, 3])
    assert np.argwhere(work.own).tolist() == [[0, 3]]
    assert work.undo() == "proposal"
    assert not work.heart.labels().any()


def test_what_was_saved_goes_on(work: Work, editor: SegmentEditor, small_heart: SyntheticHeart):
    findings = with_findings(work, small_heart.labels)
    work.do("propagation", replace(work.state, findings=findings, step=Step.REVIEW))
    work.heart.set_uncertainty(findings.uncertainty)
    editor.paint("LV", box(work, 3))
    work.go(Step.MEASURE)
    again = Work(work.heart, work.cine)
    assert again.state.step is Step.MEASURE
    np.testing.assert_array_equal(again.own, work.own)
    np.testing.assert_allclose(again.state.findings.scores, findings.scores, atol=1e-4)
    np.testing.assert_array_equal(again.uncertainty(), findings.uncertainty)


def test_first_versions_of_slices_are_told_from_drawings_in_a_scene_saved_halfway(
    work: Work, editor: SegmentEditor, small_heart: SyntheticHeart
):
    editor.paint("LV", box(work, 3))
    filling = Filling(work.heart, work.known, work.written, work.own)
    filling.want_slice(2, small_heart.labels[:, 2])
    filling.step()
    work.save_written()
    assert np.argwhere(Work(work.heart, work.cine).own).tolist() == [[0, 3]]


def test_a_foreign_state_is_a_new_beginning(work: Work):
    work.heart.sequence.SetAttribute(SAVED, "nonsense")
    assert Work(work.heart, work.cine).state.step is Step.SEED
