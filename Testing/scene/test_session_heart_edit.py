from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from segment_editor import SegmentEditor
from session_fakes import an_outcome

from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.segment_labels import mask_of
from MedVOSSegmentLib.session.heart_edit import SAVED, HeartEdit
from MedVOSSegmentLib.session.history import ONE_STROKE_S
from MedVOSSegmentLib.session.label_writer import LabelWriter
from MedVOSSegmentLib.session.state import Findings
from MedVOSSegmentLib.session.step import Step


@pytest.fixture
def writers() -> list[LabelWriter]:
    """What is at work while the user draws."""
    return []


@pytest.fixture
def edit(heart_nodes: HeartNodes, small_heart: SyntheticHeart, writers: list[LabelWriter]) -> HeartEdit:
    """With edits of the phase in view coming in as they do in a session."""
    edit = HeartEdit(heart_nodes, small_heart.cine)
    heart_nodes.on_edited(lambda phase: edit.take_edit(phase, writers[0] if writers else None))
    return edit


@pytest.fixture
def editor(edit: HeartEdit) -> SegmentEditor:
    return SegmentEditor(edit.nodes)


def box(edit: HeartEdit, z: int, size: int = 20) -> np.ndarray:
    mask = np.zeros(edit.cine.shape[1:], bool)
    mask[z, 30 : 30 + size, 30:50] = True
    return mask


def with_findings(edit: HeartEdit, labels: np.ndarray) -> Findings:
    outcome = an_outcome(edit.cine, labels)
    uncertainty = outcome.uncertainty
    return Findings(
        outcome.slice_scores, outcome.measures, -1, outcome.phases, outcome.provenance, "cstm", "cpu", 9.0, uncertainty
    )


def another_stroke() -> None:
    time.sleep(1.2 * ONE_STROKE_S)


def test_what_the_user_paints_is_the_users(edit: HeartEdit, editor: SegmentEditor):
    assert not edit.own.any()
    editor.paint("LV", box(edit, 3))
    assert np.argwhere(edit.own).tolist() == [[0, 3]]
    assert edit.cache.labels[0, 3, 35, 40] == 3


def test_each_stroke_is_taken_back_and_made_again(edit: HeartEdit, editor: SegmentEditor):
    editor.paint("LV", box(edit, 3))
    first = edit.nodes.labels()
    another_stroke()
    editor.paint("Myo", box(edit, 3, size=5))
    second = edit.nodes.labels()
    assert edit.undo() == "drawing"
    np.testing.assert_array_equal(edit.nodes.labels(), first)
    edit.undo()
    assert not edit.nodes.labels().any() and not edit.own.any()
    assert edit.undo() == ""
    edit.redo()
    edit.redo()
    np.testing.assert_array_equal(edit.nodes.labels(), second)
    assert edit.redo() == ""


def test_edits_of_one_stroke_are_one_change(edit: HeartEdit, editor: SegmentEditor):
    editor.paint("LV", box(edit, 3))
    editor.paint("Myo", box(edit, 4))
    edit.undo()
    assert not edit.nodes.labels().any()
    assert not edit.history.can_undo


def test_a_stroke_right_after_something_else_is_a_change_of_its_own(edit: HeartEdit, editor: SegmentEditor):
    editor.paint("LV", box(edit, 3))
    edit.put("proposal", np.array([[1, 3]]), np.ones((1, 80, 80), np.uint8))
    before = edit.nodes.labels()
    editor.paint("Myo", box(edit, 4))
    edit.undo()
    np.testing.assert_array_equal(edit.nodes.labels(), before)


def test_the_module_s_own_writing_is_nobody_s_drawing(edit: HeartEdit, small_heart: SyntheticHeart):
    writer = LabelWriter(edit.nodes, edit.cache, edit.written)
    writer.queue_all(small_heart.labels)
    writer.step()
    edit.refresh()
    assert not edit.own.any() and not edit.history.can_undo


def test_edits_that_no_event_announced_are_found_and_are_one_change(edit: HeartEdit, small_heart: SyntheticHeart):
    everywhere = np.zeros(small_heart.labels.shape[:2], bool)
    everywhere[4, 2] = everywhere[1, 3] = True
    edit.nodes.set_labels(small_heart.labels, everywhere)
    assert not edit.own.any()
    edit.refresh()
    assert np.argwhere(edit.own).tolist() == [[1, 3], [4, 2]]
    edit.undo()
    edit.step()
    assert not edit.nodes.labels().any() and not edit.history.can_undo


def test_a_stroke_over_a_first_version_is_taken_back_to_before_it(
    edit: HeartEdit, editor: SegmentEditor, small_heart: SyntheticHeart, writers: list[LabelWriter]
):
    writers.append(LabelWriter(edit.nodes, edit.cache, edit.written))
    writers[0].queue_all(small_heart.labels)
    writers[0].step()
    editor.paint("RV", box(edit, 3))
    writers[0].queue_restore()
    writers[0].step()
    assert np.argwhere(edit.nodes.labels().any((2, 3))).tolist() == [[0, 3]]
    edit.undo()
    assert not edit.nodes.labels().any() and not edit.own.any()


def test_a_change_of_state_is_taken_back(edit: HeartEdit):
    edit.do("acceptance", edit.state.accepting(2, 2, True))
    edit.undo()
    assert not edit.state.accepted.any()
    edit.redo()
    assert edit.state.accepted[2, 2]


def test_undoing_a_result_takes_its_findings_out_of_the_scene(edit: HeartEdit, small_heart: SyntheticHeart):
    findings = with_findings(edit, small_heart.labels)
    edit.nodes.set_uncertainty(findings.uncertainty)
    edit.nodes.set_provenance(findings.provenance)
    edit.do("propagation", replace(edit.state, findings=findings))
    edit.undo()
    assert edit.nodes.provenance() == {} and not edit.nodes.uncertainty().any()
    edit.redo()
    assert edit.nodes.provenance() == findings.provenance
    np.testing.assert_array_equal(edit.nodes.uncertainty(), findings.uncertainty)


def test_putting_labels_makes_them_the_users(edit: HeartEdit, small_heart: SyntheticHeart):
    edit.put("proposal", np.array([[0, 3]]), small_heart.labels[0, 3][None])
    np.testing.assert_array_equal(edit.nodes.phase_labels(0)[3], small_heart.labels[0, 3])
    assert np.argwhere(edit.own).tolist() == [[0, 3]]
    assert edit.undo() == "proposal"
    assert not edit.nodes.labels().any()


def test_what_was_saved_goes_on(edit: HeartEdit, editor: SegmentEditor, small_heart: SyntheticHeart):
    findings = with_findings(edit, small_heart.labels)
    edit.do("propagation", replace(edit.state, findings=findings, step=Step.REVIEW))
    edit.nodes.set_uncertainty(findings.uncertainty)
    editor.paint("LV", box(edit, 3))
    edit.go(Step.MEASURE)
    again = HeartEdit(edit.nodes, edit.cine)
    assert again.state.step is Step.MEASURE
    np.testing.assert_array_equal(again.own, edit.own)
    np.testing.assert_allclose(again.state.findings.scores, findings.scores, atol=1e-4)
    np.testing.assert_array_equal(again.uncertainty(), findings.uncertainty)


def test_first_versions_of_slices_are_distinguished_from_drawings_in_a_scene_saved_halfway(
    edit: HeartEdit, editor: SegmentEditor, small_heart: SyntheticHeart
):
    editor.paint("LV", box(edit, 3))
    writer = LabelWriter(edit.nodes, edit.cache, edit.written, edit.own)
    writer.queue_slice(2, small_heart.labels[:, 2])
    writer.step()
    edit.save_written()
    assert np.argwhere(HeartEdit(edit.nodes, edit.cine).own).tolist() == [[0, 3]]


def test_a_foreign_state_is_a_new_beginning(edit: HeartEdit):
    edit.nodes.sequence.SetAttribute(SAVED, "nonsense")
    assert HeartEdit(edit.nodes, edit.cine).state.step is Step.SEED


def test_a_stroke_of_the_users_own_segment_is_taken_back_and_made_again(edit: HeartEdit, editor: SegmentEditor):
    editor.paint("LV", box(edit, 3))
    editor.add_segment("scar")
    another_stroke()
    drawn = edit.nodes.labels()
    editor.paint("scar", box(edit, 3, size=5))
    scar, over = own_mask(edit, "scar"), edit.nodes.labels()
    assert scar.sum() == 100 and not np.array_equal(over, drawn)
    another_stroke()
    editor.paint("scar", box(edit, 5, size=4))
    assert edit.undo() == "drawing"
    np.testing.assert_array_equal(own_mask(edit, "scar"), scar)
    edit.undo()
    assert not own_mask(edit, "scar").any()
    np.testing.assert_array_equal(edit.nodes.labels(), drawn)
    edit.redo()
    np.testing.assert_array_equal(own_mask(edit, "scar"), scar)
    np.testing.assert_array_equal(edit.nodes.labels(), over)
    edit.redo()
    assert own_mask(edit, "scar").sum() == 100 + 80
    another_stroke()
    editor.erase("scar", box(edit, 5, size=4))
    edit.undo()
    assert own_mask(edit, "scar").sum() == 100 + 80


def test_what_the_own_segment_takes_from_others_and_they_from_it_comes_back(edit: HeartEdit, editor: SegmentEditor):
    editor.add_segment("scar")
    editor.paint("scar", box(edit, 3))
    another_stroke()
    editor.paint("Myo", box(edit, 3, size=6))
    assert own_mask(edit, "scar").sum() == 400 - 120
    edit.undo()
    assert own_mask(edit, "scar").sum() == 400 and not edit.nodes.labels().any()


def test_a_segment_that_was_removed_does_not_come_back_with_undo(edit: HeartEdit, editor: SegmentEditor):
    editor.add_segment("scar")
    editor.paint("scar", box(edit, 3))
    edit.nodes.segmentation.GetSegmentation().RemoveSegment("scar")
    edit.undo()
    assert edit.nodes.segmentation.GetSegmentation().GetSegment("scar") is None
    edit.redo()


def test_a_new_segment_of_the_same_name_gets_nothing_of_the_removed_one(edit: HeartEdit, editor: SegmentEditor):
    segmentation = edit.nodes.segmentation.GetSegmentation()
    editor.add_segment("scar")
    editor.paint("scar", box(edit, 3, size=5))
    another_stroke()
    segmentation.RemoveSegment("scar")
    editor.add_segment("scar")
    editor.paint("scar", box(edit, 4, size=4))
    new = own_mask(edit, "scar")
    edit.undo()
    assert not own_mask(edit, "scar").any()
    edit.undo()
    assert not own_mask(edit, "scar").any()
    edit.redo()
    assert not own_mask(edit, "scar").any()
    edit.redo()
    np.testing.assert_array_equal(own_mask(edit, "scar"), new)


def test_a_new_segment_in_the_same_moment_is_another_one_too(edit: HeartEdit, editor: SegmentEditor):
    editor.add_segment("scar")
    editor.paint("scar", box(edit, 3, size=5))
    another_stroke()
    editor.paint("scar", box(edit, 5, size=5))
    edit.nodes.segmentation.GetSegmentation().RemoveSegment("scar")
    editor.add_segment("scar")
    editor.paint("scar", box(edit, 4, size=4))
    new = own_mask(edit, "scar")
    edit.undo()
    assert not own_mask(edit, "scar").any()
    edit.redo()
    np.testing.assert_array_equal(own_mask(edit, "scar"), new)


def own_mask(edit: HeartEdit, name: str) -> np.ndarray:
    return mask_of(edit.nodes.segmentation.GetSegmentation(), name, edit.nodes.grid)
