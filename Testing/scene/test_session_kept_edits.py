from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from segment_editor import SegmentEditor
from session_user import CORRECTION, User

from medvos.cine.cine import Source
from medvos.measure.subject import Subject
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.outcome import PredictedObstruction
from MedVOSSegmentLib.scene.cine_nodes import show_cine
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.segment_labels import mask_of
from MedVOSSegmentLib.session.heart_edit import SAVED
from MedVOSSegmentLib.session.history import ONE_STROKE_S
from MedVOSSegmentLib.session.kept_edits import KeptEdits
from MedVOSSegmentLib.session.workspace import HISTORY_LOST


@pytest.fixture
def other_browser(logics: Logics, small_heart: SyntheticHeart) -> Any:
    return show_cine(logics, small_heart.cine, "Another heart")


def away_and_back(user: User, first: Any, other: Any) -> None:
    user.session.cines.open(other)
    user.settle()
    assert not user.session.can_undo
    user.session.cines.open(first)
    user.settle()


def test_changes_are_undone_after_a_look_at_another_cine(done: User, synthetic_browser: Any, other_browser: Any):
    session, drawn = done.session, done.session.heart.state.drawn.copy()
    segmented = done.labels
    done.erase(CORRECTION)
    corrected = done.labels
    away_and_back(done, synthetic_browser, other_browser)
    assert session.can_undo and session.review.corrections() == [CORRECTION]
    session.undo()
    done.settle()
    np.testing.assert_array_equal(done.labels, segmented)
    assert session.review.corrections() == [] and session.review.scores is not None
    session.undo()  # the propagation
    done.settle()
    assert session.review.scores is None and not np.array_equal(done.labels, segmented)
    away_and_back(done, synthetic_browser, other_browser)
    session.redo()
    done.settle()
    np.testing.assert_array_equal(done.labels, segmented)
    np.testing.assert_array_equal(session.heart.state.drawn, drawn)
    assert session.heart.edit.uncertainty().any() and session.measurement.measures()["LVEF"]["value"] is not None
    session.redo()
    done.settle()
    np.testing.assert_array_equal(done.labels, corrected)


@pytest.mark.parametrize("name", ["LV", "scar"])
def test_segments_that_were_changed_elsewhere_have_no_history_and_it_is_said(
    done: User, synthetic_browser: Any, other_browser: Any, name: str
):
    nodes = done.session.nodes
    done.editor.add_segment("scar")
    done.session.cines.open(other_browser)
    mask = np.zeros(done.truth.shape[1:], bool)
    mask[5, :9, :9] = True
    done.editor.paint(name, mask)
    assert HISTORY_LOST not in done.messages
    done.session.cines.open(synthetic_browser)
    assert done.messages[-1] == HISTORY_LOST and not done.session.can_undo
    assert done.session.nodes.sequence is nodes.sequence and done.session.review.scores is not None


def test_the_oldest_are_forgotten_when_they_grow_too_large(done: User, synthetic_browser: Any, other_browser: Any):
    done.session._workspace._kept = KeptEdits(largest=1000)
    away_and_back(done, synthetic_browser, other_browser)
    assert not done.session.can_undo and done.messages[-1] == HISTORY_LOST
    done.messages.clear()
    away_and_back(done, synthetic_browser, other_browser)
    assert HISTORY_LOST not in done.messages


def test_a_new_segment_gets_nothing_of_a_removed_one_after_a_look_at_another_cine(
    done: User, synthetic_browser: Any, other_browser: Any
):
    mask = np.zeros(done.truth.shape[1:], bool)
    mask[5, :9, :9] = True
    done.editor.add_segment("scar")
    done.editor.paint("scar", mask)
    time.sleep(1.2 * ONE_STROKE_S)
    done.session.nodes.segmentation.GetSegmentation().RemoveSegment("scar")
    done.editor.add_segment("scar")
    done.editor.paint("scar", mask & (np.arange(mask.shape[2]) < 4))
    away_and_back(done, synthetic_browser, other_browser)
    shown = done.session.nodes
    for step in (done.session.undo, done.session.undo, done.session.redo):
        step()
        assert not mask_of(shown.segmentation.GetSegmentation(), "scar", shown.grid).any()
    done.session.redo()
    assert mask_of(shown.segmentation.GetSegmentation(), "scar", shown.grid).sum() == 36


def test_a_state_that_was_changed_elsewhere_has_no_history_and_it_is_said(
    done: User, synthetic_browser: Any, other_browser: Any
):
    sequence, accepted = done.session.nodes.sequence, done.session.heart.state.accepting(*CORRECTION, True)
    done.session.cines.open(other_browser)
    sequence.SetAttribute(SAVED, accepted.text())
    done.session.cines.open(synthetic_browser)
    assert done.messages[-1] == HISTORY_LOST and not done.session.can_undo
    assert done.session.heart.state.accepted[CORRECTION]


def test_of_two_that_are_too_large_together_the_newer_is_kept(done: User, synthetic_browser: Any, other_browser: Any):
    done.session.cines.open(other_browser)
    sizes = [kept.nbytes for kept in done.session._workspace._kept._kept.values()]
    done.session._workspace._kept._largest = sizes[0]
    done.session.seed.make_segments()
    SegmentEditor(done.session.nodes).paint("LV", done.truth[0] == 3)
    done.session.cines.leave()
    done.session.cines.open(other_browser)
    assert HISTORY_LOST not in done.messages and done.session.can_undo
    done.session.cines.open(synthetic_browser)
    assert done.messages[-1] == HISTORY_LOST and not done.session.can_undo


def test_nothing_of_a_removed_heart_or_a_closed_scene_is_kept(done: User, synthetic_browser: Any, other_browser: Any):
    kept = done.session._workspace._kept
    done.session.cines.open(other_browser)
    assert len(kept._kept) == 1
    done.session._workspace.logics.scene.Clear(0)
    assert not kept._kept


def test_nothing_is_kept_of_a_heart_that_is_removed_while_it_is_open(done: User):
    nodes = done.session.nodes
    nodes.remove()
    assert done.session.browser is None and not done.session._workspace._kept._kept


def test_nothing_is_kept_of_a_person_whose_cine_is_removed(done: User, synthetic_browser: Any, other_browser: Any):
    space = done.session._workspace
    space.remember_source(synthetic_browser, Source(path="images", kind="dicom"))
    space.give_subject(Subject(sex="F", weight_kg=64))
    done.session.cines.open(other_browser)
    space.logics.scene.RemoveNode(synthetic_browser)
    assert not space._sources and not space._subjects


def test_a_predicted_obstruction_counts_for_the_size(done: User):
    edit, kept = done.session.heart.edit, done.session._workspace._kept
    shape = edit.cine.shape
    found = PredictedObstruction({"notice": "Research."}, np.zeros(shape, bool), np.zeros(shape, np.float32))
    kept.keep(edit)
    (before,) = (each.nbytes for each in kept._kept.values())
    edit.state = replace(edit.state, obstruction=found)
    kept.keep(edit)
    (after,) = (each.nbytes for each in kept._kept.values())
    assert after - before == found.nbytes
