"""The reader's own segments beside those of the heart: propagated, corrected, undone, saved, or named as left out."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest
from own_segment import COLOUR, OWN, draw_own
from session_fakes import FakeRunner, finished
from session_user import SEED, User

from medvos.structures import EVERY_STRUCTURE
from MedVOSSegmentLib.scene.own_structures import own_structures
from MedVOSSegmentLib.session.history import ONE_STROKE_S
from MedVOSSegmentLib.session.own_segments import examine, with_own_names
from MedVOSSegmentLib.session.session import Session


def with_own(user: User) -> np.ndarray:
    """Return the labels of a flawless network that follows the block too."""
    labels = user.truth.copy()
    labels[:, 1:5, 4:12, 4:12] = OWN
    return labels


def segment_of(session: Session, phase: int, name: str = "Segment_1"):
    return session.nodes.sequence.GetNthDataNode(phase).GetSegmentation().GetSegment(name)


def test_a_segment_of_the_reader_is_a_seed_and_comes_back_in_every_phase_under_its_name(drawn: User):
    mask = draw_own(drawn)
    assert [str(fault) for fault in drawn.session.seed.faults()] == []
    found = with_own(drawn)
    drawn.segment(found)
    np.testing.assert_array_equal(drawn.runner.job.task.seed_labels[SEED[0]] == OWN, mask)
    kept = np.ones(found.shape[:2], bool)
    kept[SEED] = False
    np.testing.assert_array_equal(drawn.labels[kept], found[kept])
    np.testing.assert_array_equal(drawn.labels[SEED] == OWN, mask[SEED[1]])
    for phase in range(len(found)):
        segment = segment_of(drawn.session, phase)
        assert (segment.GetName(), segment.GetColor()) == ("Aorta", COLOUR)
    assert "not propagated" not in "".join(drawn.messages)


def test_nothing_of_it_is_measured_as_a_structure_of_the_heart(drawn: User):
    drawn.segment()
    before = drawn.session.measurement.measures()
    draw_own(drawn)
    drawn.segment(with_own(drawn))
    after = drawn.session.measurement.measures()
    assert {name: each["value"] for name, each in before.items()} == {
        name: each["value"] for name, each in after.items()
    }


@pytest.mark.parametrize(("title", "shown"), [("Aorta", "Aorta"), ("LV", "structure 4")])
def test_its_curve_is_that_of_no_structure_of_the_heart(drawn: User, title: str, shown: str):
    draw_own(drawn, title=title)
    drawn.segment(with_own(drawn))
    series = drawn.session.nodes.logics.scene.GetNodesByClass("vtkMRMLPlotSeriesNode")
    names = {series.GetItemAsObject(number).GetYColumnName(): number for number in range(series.GetNumberOfItems())}
    curve = series.GetItemAsObject(names["structure 4_mL"])
    assert curve.GetName() == shown and curve.GetColor() == pytest.approx(COLOUR, abs=0.01)


def test_a_stroke_on_it_is_a_correction_that_is_propagated(drawn: User):
    draw_own(drawn)
    drawn.segment(with_own(drawn))
    time.sleep(1.2 * ONE_STROKE_S)
    session, place = drawn.session, (2, 3)
    session.go_to(*place)
    mask = np.zeros(drawn.truth.shape[1:], bool)
    mask[place[1], 12:16, 4:12] = True
    drawn.editor.paint("Segment_1", mask)
    assert session.heart.edit.changed[place] and session.heart.edit.changed.sum() == 1
    session.review.propagate_corrections()
    task = drawn.runner.job.task
    assert (task.seed_labels[place][12:16, 4:12] == OWN).all() and (task.previous.labels == OWN).any()
    corrected = with_own(drawn)
    corrected[:, 1:5, 12:16, 4:12] = OWN
    drawn.hear(finished(drawn.cine, corrected))
    drawn.settle()
    assert (drawn.labels[4, 2, 12:16, 4:12] == OWN).all()
    session.undo()
    drawn.settle()
    assert not (drawn.labels[4, 2, 12:16, 4:12] == OWN).any() and (drawn.labels[place][12:16, 4:12] == OWN).all()
    session.undo()
    drawn.settle()
    assert not (drawn.labels[place][12:16, 4:12] == OWN).any() and (drawn.labels[place][4:12, 4:12] == OWN).all()


def test_one_that_is_new_on_a_slice_of_the_result_can_be_propagated_as_a_correction(done: User):
    session, place = done.session, (2, 3)
    draw_own(done, place)
    assert session.review.corrections() == [place] and session.review.can_propagate_corrections
    assert session.review.cells().corrected[place] and session.review.cost_of_corrections().seconds > 0
    session.review.propagate_corrections()
    seed = done.runner.job.task.seed_labels
    assert (seed[place][4:12, 4:12] == OWN).all() and (seed[place] == 3).any() and (seed[SEED] == 3).any()
    done.hear(finished(done.cine, with_own(done)))
    done.settle()
    assert (done.labels[5, 2] == OWN).any() and session.review.corrections() == []


@pytest.mark.parametrize("own_first", [True, False])
def test_strokes_from_before_a_propagation_are_undone_without_loss_of_the_other_segment(user: User, own_first: bool):
    draw = [lambda: draw_own(user), lambda: user.draw(SEED)]
    for stroke in draw if own_first else draw[::-1]:
        stroke()
        time.sleep(1.2 * ONE_STROKE_S)
    user.segment(with_own(user))
    now = user.labels
    user.session.undo()
    user.settle()
    user.session.undo()
    user.settle()
    heart, own = np.isin(user.labels, (1, 2, 3)), user.labels == OWN
    assert (heart.any(), own.any()) == (not own_first, own_first)
    np.testing.assert_array_equal(user.session.heart.edit.cache.labels, user.labels)
    np.testing.assert_array_equal(
        (own if own_first else heart)[SEED], ((now == OWN) if own_first else (now % 4 > 0))[SEED]
    )
    for _ in range(2):
        user.session.redo()
        user.settle()
    np.testing.assert_array_equal(user.labels, now)


def test_a_saved_scene_continues_with_it(drawn: User, tmp_path: Path):
    draw_own(drawn)
    drawn.segment(with_own(drawn))
    labels, scene = drawn.labels, drawn.session._workspace.logics.scene
    assert scene.WriteToMRB(str(tmp_path / "scene.mrb"))
    drawn.session.close()
    scene.Clear(0)
    assert scene.ReadFromMRB(str(tmp_path / "scene.mrb"))
    session = Session(drawn.session._workspace.logics, FakeRunner())
    session.cines.open(scene.GetFirstNodeByClass("vtkMRMLSequenceBrowserNode"))
    np.testing.assert_array_equal(session.nodes.labels(), labels)
    assert not session.heart.edit.changed.any()
    assert [own.long_name for own in own_structures(session.nodes.segmentation.GetSegmentation())] == ["Aorta"]
    session.close()


def test_segments_that_cannot_be_propagated_are_named_before_and_after(drawn: User):
    session, editor = drawn.session, drawn.editor
    draw_own(drawn, (SEED[0], 1), "Segment_1", "Aorta")
    session.go_to(*SEED)
    editor.add_segment("Scar")
    mask = np.zeros(drawn.truth.shape[1:], bool)
    mask[SEED[1]] = drawn.truth[SEED] == 2
    editor.paint("Scar", mask, allow_overlap=True)
    editor.add_segment("Lung")
    said = "\n".join(str(fault) for fault in session.seed.faults())
    assert "'Aorta': not propagated, since it is drawn on a slice without the heart." in said
    assert "'Scar': not propagated, since it lies over other segments." in said
    assert "'Lung': not propagated, since nothing of it is on the slices that you drew." in said
    drawn.segment()
    assert set(said.splitlines()) <= set(drawn.messages[-1].splitlines())
    assert set(np.unique(drawn.runner.job.task.seed_labels)) == {0, 1, 2, 3}
    session.go_to(SEED[0], 1)
    assert segment_of(session, SEED[0]) is not None
    # Once the heart is segmented there, it is a seed with it.
    drawn.segment(with_own(drawn))
    task = drawn.runner.job.task
    assert {1, 2, 3} & {*np.unique(task.seed_labels[SEED[0], 1])} and (task.seed_labels[SEED[0], 1] == OWN).any()


def test_a_network_without_a_drawing_leaves_it_out_and_that_is_said(drawn: User):
    draw_own(drawn)
    drawn.session.propagation.segment_undrawn()
    drawn.hear(finished(drawn.cine, drawn.truth))
    drawn.settle()
    assert "'Aorta': not segmented, since this network follows no drawing." in drawn.messages[-1]


def test_a_copy_and_a_segment_that_was_removed_from_a_phase_do_no_harm(drawn: User):
    draw_own(drawn)
    drawn.segment(with_own(drawn))
    session = drawn.session
    session.go_to(1, 3)
    shown = session.nodes.segmentation.GetSegmentation()
    shown.CopySegmentFromSegmentation(shown, "Segment_1")
    session.go_to(2, 3)
    session.nodes.segmentation.GetSegmentation().RemoveSegment("Segment_1")
    drawn.segment(with_own(drawn))
    assert segment_of(session, 2) is not None
    assert (drawn.labels[3, 2] == OWN).any()


def remove_from(user: User, *phases: int) -> None:
    for phase in phases:
        user.session.go_to(phase, 3)
        user.session.nodes.segmentation.GetSegmentation().RemoveSegment("Segment_1")
        time.sleep(1.2 * ONE_STROKE_S)


def test_removing_it_from_a_phase_is_undone_and_in_mid_run_makes_no_corrections(drawn: User):
    draw_own(drawn)
    edit = drawn.session.heart.edit
    drawn.session.propagation.propagate()
    remove_from(drawn, 2)
    drawn.hear(finished(drawn.cine, with_own(drawn)))
    drawn.settle()
    edit.refresh()
    assert drawn.session.review.corrections() == []
    found = drawn.labels
    remove_from(drawn, 2)
    assert not (drawn.labels[2] == OWN).any()
    drawn.session.undo()
    drawn.settle()
    np.testing.assert_array_equal(drawn.labels, found)
    np.testing.assert_array_equal(edit.cache.labels, found)


def test_undo_never_draws_one_that_was_removed_everywhere_as_another(drawn: User):
    draw_own(drawn)
    drawn.segment(with_own(drawn))
    remove_from(drawn, *range(len(drawn.truth)))
    draw_own(drawn, name="Segment_2", title="Vein")
    drawn.segment(np.where(with_own(drawn) == OWN, np.uint8(OWN + 1), with_own(drawn)))
    edit, segmentation = drawn.session.heart.edit, drawn.session.nodes.sequence.GetNthDataNode(2).GetSegmentation()
    for _ in range(4):
        drawn.session.undo()
        drawn.settle()
        np.testing.assert_array_equal(edit.cache.labels, drawn.labels)
    names = {own.long_name: own.label for own in own_structures(segmentation)}
    assert names == {"Vein": OWN + 1} and not (drawn.labels[2] > 3).any()
    while edit.history.can_undo and not (drawn.labels[2] == OWN).any():
        drawn.session.undo()
        drawn.settle()
    names = {own.long_name: own.label for own in own_structures(segmentation)}
    assert names == {"Vein": OWN + 1, "structure 4": OWN} and not (drawn.labels[2] == OWN + 1).any()


def test_no_more_are_taken_along_than_can_be_followed_at_once(drawn: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("MedVOSSegmentLib.session.own_segments.MOST_STRUCTURES", len(EVERY_STRUCTURE) + 1)
    draw_own(drawn)
    mask = np.zeros(drawn.truth.shape[1:], bool)
    mask[SEED[1], 4:12, 20:28] = True
    drawn.editor.add_segment("Vein")
    drawn.editor.paint("Vein", mask)
    found = examine(drawn.session.heart.edit)
    assert found.fit == ("Segment_1",)
    assert found.sentences == ("'Vein': not propagated, since so many structures cannot be followed at once.",)


def test_that_two_have_the_same_name_is_said(drawn: User):
    draw_own(drawn)
    drawn.draw((3, 3))
    draw_own(drawn, (3, 3), "Segment_2")
    (said,) = examine(drawn.session.heart.edit).sentences
    assert said.startswith("'Aorta': several segments have this name")
    drawn.segment(with_own(drawn))
    assert said in drawn.messages[-1]


def test_a_slice_without_a_ventricle_keeps_it(drawn: User):
    draw_own(drawn)
    drawn.segment(with_own(drawn))
    drawn.session.go_to(1, 4)
    drawn.session.slices.empty(all_phases=True)
    np.testing.assert_array_equal(drawn.labels[:, 4], np.where(with_own(drawn)[:, 4] == OWN, OWN, 0))


def test_sentences_of_the_engine_call_it_by_the_name_that_the_reader_gave():
    stated = {"doubts": ["The network does not know structure 4 as ...", "structure 40 is lost"], "model": "cstm"}
    named = with_own_names(stated, {4: "Aorta"})
    assert named["doubts"] == ["The network does not know 'Aorta' as ...", "structure 40 is lost"]
    assert named["notes"] == ["Structure 4 is the reader's segment 'Aorta'."]


def test_an_export_for_other_programs_has_the_name_that_it_has_now(drawn: User, tmp_path: Path):
    draw_own(drawn)
    drawn.segment(with_own(drawn))
    segment_of(drawn.session, SEED[0]).SetName("Descending | aorta")
    files = drawn.session.export.export("seg-nrrd", tmp_path)
    names = re.findall(rb"Segment\d_Name:=([^\n]*)", files[0].read_bytes())
    assert names == [b"LV", b"Myo", b"RV", b"Descending  aorta"]
