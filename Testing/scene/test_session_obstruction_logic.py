"""What is found without a drawing, with a real scene and a stand-in for the second process."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import undrawn_case
from segment_editor import SegmentEditor
from session_fakes import finished
from undrawn_case import User, an_obstruction

from medvos.errors import InputError
from medvos.mvo_notice import NOTICE
from medvos.structures import MVO, MYO
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.events import Advanced, Failed, Finished
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.obstruction_nodes import phase_obstruction
from MedVOSSegmentLib.scene.segment_labels import mask_of, other_segments
from MedVOSSegmentLib.session.obstruction_logic import QUESTION
from MedVOSSegmentLib.session.step import Step


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    undrawn_case.store(tmp_path / "models")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))


@pytest.fixture
def user(logics: Logics, small_heart: SyntheticHeart, weights: None) -> User:
    return User(logics, small_heart)


@pytest.fixture
def segmented(user: User) -> User:
    user.segment()
    return user


@pytest.fixture
def obstructed(segmented: User) -> User:
    segmented.session.obstruction.predict(segmented.answer, "cpu")
    segmented.hear(Finished(an_obstruction(segmented.truth.labels)))
    return segmented


def test_nothing_is_offered_without_weights(logics: Logics, small_heart: SyntheticHeart, tmp_path: Path, monkeypatch):
    (tmp_path / "manifest.json").write_text('{"models": {}}')
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    user = User(logics, small_heart)
    assert not user.session.propagation.offers_undrawn
    with pytest.raises(InputError, match="draw one slice"):
        user.session.propagation.segment_undrawn()
    user.session.seed.propose()
    assert user.job.task.model == "cstm"
    user.hear(Finished(small_heart.labels[0, 3]))
    user.session.propagation.propagate()
    user.hear(finished(small_heart.cine, small_heart.labels))
    assert user.session.review.scores is not None and not user.session.obstruction.is_offered
    with pytest.raises(InputError, match="no weights"):
        user.session.obstruction.predict(user.answer)


def test_a_proposal_comes_from_the_network_that_needs_no_drawing(user: User):
    user.session.seed.propose()
    assert user.job.task.model == "vivim"


def test_a_heart_is_segmented_without_a_drawing_and_what_is_drawn_stays(user: User):
    mine = np.roll(user.truth.labels[1, 2], 4, axis=0)
    user.session.seed.make_segments()
    user.session.heart.edit.put("drawing", np.array([[1, 2]]), mine[None])
    user.session.propagation.segment_undrawn("cpu")
    assert (user.job.task.model, user.job.task.seed_labels) == ("vivim", None)
    user.hear(finished(user.truth.cine, user.truth.labels))
    expected = user.truth.labels.copy()
    expected[1, 2] = mine
    np.testing.assert_array_equal(user.session.nodes.labels(), expected)
    assert user.session.step is Step.REVIEW


def test_a_correction_of_it_is_followed_by_the_network_that_follows_drawings(segmented: User):
    segmented.session.go_to(2, 3)
    extra = np.zeros(segmented.truth.labels.shape[1:], bool)
    extra[3, 30:40, 30:40] = True
    SegmentEditor(segmented.session.nodes).paint("LV", extra)
    assert (
        segmented.session.review.corrections() == [(2, 3)] and segmented.session.review.cost_of_corrections().frames > 0
    )
    segmented.session.review.propagate_corrections()
    assert segmented.job.task.model == "cstm" and segmented.job.task.previous is not None
    assert np.argwhere(segmented.job.task.seed_labels.any((2, 3))).tolist() == [[2, 3]]


def test_obstruction_needs_a_segmented_heart(user: User):
    user.session.seed.make_segments()
    with pytest.raises(InputError, match="segmented first"):
        user.session.obstruction.predict(user.answer)


def test_the_question_is_asked_once_and_no_means_no(segmented: User):
    segmented.agrees = False
    segmented.session.obstruction.predict(segmented.answer)
    assert segmented.session.progress is None and segmented.questions == [QUESTION]
    segmented.agrees = True
    segmented.session.obstruction.predict(segmented.answer)
    assert segmented.session.step is Step.PROPAGATE
    segmented.hear(Advanced(1, 4, None, "slice 1 of 6"), Finished(an_obstruction(segmented.truth.labels)))
    segmented.session.obstruction.predict(segmented.answer)
    assert len(segmented.questions) == 2
    assert all(word in QUESTION for word in ("simulated motion", "not validated on patients", "research only"))


def test_it_is_a_segment_of_its_own_over_a_whole_wall(obstructed: User):
    session, expected = obstructed.session, an_obstruction(obstructed.truth.labels)
    np.testing.assert_array_equal(session.nodes.labels(), obstructed.truth.labels)
    np.testing.assert_array_equal(session.heart.edit.labelled() == MVO, expected.mask)
    np.testing.assert_array_equal(session.nodes.probability(), expected.probability)
    assert session.nodes.probability_volume is not None and session.review.corrections() == []
    assert session.obstruction.notice == NOTICE and session.step is Step.MEASURE
    assert "in the table" in obstructed.messages[-1]


def test_where_none_is_found_notice_and_message_both_say_that_it_was_looked_for(segmented: User):
    segmented.session.obstruction.predict(segmented.answer, "cpu")
    found = an_obstruction(segmented.truth.labels)
    segmented.hear(Finished(replace(found, mask=np.zeros_like(found.mask))))
    assert "looked for and none was found" in segmented.messages[-1]
    assert "was looked for" in segmented.session.obstruction.notice
    assert not any("was predicted" in text for text in (segmented.messages[-1], segmented.session.obstruction.notice))


def test_the_table_has_its_volume_its_part_of_the_mass_and_its_segments(obstructed: User):
    measures, table = obstructed.session.measurement.measures(), obstructed.session.measurement.table
    assert measures["MVO"]["value"] > 0 and 0 < measures["MVOM"]["value"] < 100
    assert measures["LVEF"]["interval"] == [50.0, 60.0]
    assert list(measures).index("MVOM") == list(measures).index("MVO") + 1
    rows = {table.GetCellText(row, 0): table.GetCellText(row, 1) for row in range(table.GetNumberOfRows())}
    assert float(rows["MVO"]) == pytest.approx(measures["MVO"]["value"], abs=0.06)
    fractions = [float(text) for name, text in rows.items() if name.startswith("MVO, segment")]
    assert fractions and all(0 < fraction <= 100 for fraction in fractions)


def test_exports_have_it_and_its_notice(obstructed: User, tmp_path: Path):
    files = obstructed.session.export.export("results", tmp_path)
    assert sorted(tmp_path.glob("*.*")) == sorted(files) and tmp_path / "chance.nii.gz" in files
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert document["provenance"]["notice"] == NOTICE and document["provenance"]["obstruction"]["model"] == "mvo"
    assert document["measures"]["MVO"]["value"] == pytest.approx(
        obstructed.session.measurement.measures()["MVO"]["value"]
    )
    assert document["measures"]["LVM"]["interval"] is not None and document["obstructed"]
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count(NOTICE) >= 2


def test_it_can_be_taken_back_and_made_again(obstructed: User):
    session = obstructed.session
    mask = session.heart.edit.obstructed.copy()
    session.undo()
    obstructed.pass_time()
    assert session.obstruction.notice == "" and session.nodes.probability_volume is None
    assert session.measurement.measures()["MVO"]["value"] is None and "MVOM" not in session.measurement.measures()
    assert session.nodes.segmentation.GetSegmentation().GetSegment("MVO") is None
    session.redo()
    obstructed.pass_time()
    np.testing.assert_array_equal(session.heart.edit.obstructed, mask)
    assert session.obstruction.notice == NOTICE and session.measurement.measures()["MVO"]["value"] > 0


def test_what_the_user_erases_of_it_is_no_longer_measured(obstructed: User):
    session, labels = obstructed.session, obstructed.session.nodes.labels()
    ed = session.measurement.phases()["ED"]
    session.go_to(ed, 3)
    before = session.measurement.measures()["MVO"]["value"]
    SegmentEditor(session.nodes).erase("MVO", session.heart.edit.obstructed[ed] & (np.arange(6) == 3)[:, None, None])
    obstructed.pass_time()
    assert 0 < session.measurement.measures()["MVO"]["value"] < before
    assert session.review.corrections() == []
    np.testing.assert_array_equal(session.nodes.labels(), labels)


def test_where_it_is_painted_the_wall_stays_a_wall(obstructed: User):
    session, labels = obstructed.session, obstructed.session.nodes.labels()
    session.go_to(0, 4)
    wall = (labels[0] == MYO) & (np.arange(6) == 4)[:, None, None]
    SegmentEditor(session.nodes).paint("MVO", wall)
    obstructed.pass_time()
    np.testing.assert_array_equal(session.nodes.labels(), labels)
    assert (session.heart.edit.labelled()[0][wall] == MVO).all() and session.review.corrections() == []


def test_it_does_not_outlive_the_heart_that_it_was_found_in(obstructed: User):
    obstructed.session.propagation.segment_undrawn("cpu")
    obstructed.hear(finished(obstructed.truth.cine, np.roll(obstructed.truth.labels, 2, axis=2)))
    assert obstructed.session.obstruction.notice == "" and "predict it again" in obstructed.messages[-1]
    assert obstructed.session.measurement.measures()["MVO"]["value"] is None


def test_a_failure_or_a_cancel_leaves_everything_as_it_was(segmented: User):
    session = segmented.session
    session.obstruction.predict(segmented.answer)
    segmented.hear(Failed("The wall cannot be judged.", "log"))
    assert segmented.messages[-1] == "The wall cannot be judged."
    session.obstruction.predict(segmented.answer)
    session.cancel()
    segmented.pass_time()
    assert "Cancelled" in segmented.messages[-1]
    assert session.obstruction.notice == "" and session.step is Step.REVIEW
    assert session.nodes.segmentation.GetSegmentation().GetSegment("MVO") is None


def test_a_saved_scene_has_it_and_its_notice(obstructed: User, tmp_path: Path):
    path = str(tmp_path / "scene.mrb")
    assert obstructed.session.browser.GetScene().WriteToMRB(path)
    logics = Logics.standalone(tmp_path / "another")
    assert logics.scene.ReadFromMRB(path)
    again = User.__new__(User)
    again.session = type(obstructed.session)(logics, obstructed.runner)
    again.session.cines.open(logics.scene.GetFirstNodeByClass("vtkMRMLSequenceBrowserNode"))
    again.pass_time()
    assert again.session.obstruction.notice == NOTICE
    np.testing.assert_array_equal(again.session.heart.edit.labelled(), obstructed.session.heart.edit.labelled())
    np.testing.assert_array_equal(again.session.nodes.probability(), obstructed.session.nodes.probability())
    assert again.session.measurement.measures()["MVO"] == obstructed.session.measurement.measures()["MVO"]
    logics.scene.Clear(1)


def test_a_stroke_of_it_is_taken_back_before_its_prediction_is(obstructed: User):
    session = obstructed.session
    session.go_to(0, 4)
    before, labels = session.heart.edit.obstructed.copy(), session.nodes.labels()
    wall = (labels[0] == MYO) & (np.arange(6) == 4)[:, None, None]
    SegmentEditor(session.nodes).paint("MVO", wall)
    obstructed.pass_time()
    after = session.heart.edit.obstructed.copy()
    assert after.sum() > before.sum()
    session.undo()
    obstructed.pass_time()
    np.testing.assert_array_equal(session.heart.edit.obstructed, before)
    np.testing.assert_array_equal(phase_obstruction(session.nodes, 0), before[0])
    np.testing.assert_array_equal(session.nodes.labels(), labels)
    session.redo()
    np.testing.assert_array_equal(session.heart.edit.obstructed, after)
    session.undo()
    session.undo()
    obstructed.pass_time()
    assert session.heart.edit.obstructed is None


@pytest.mark.parametrize("later", ["prediction", "segmentation"])
def test_strokes_of_it_come_back_when_what_replaced_it_is_taken_back(obstructed: User, later: str):
    session, labels = obstructed.session, obstructed.session.nodes.labels()
    predicted = session.heart.edit.obstructed.copy()
    session.go_to(0, 4)
    SegmentEditor(session.nodes).paint("MVO", (labels[0] == MYO) & (np.arange(6) == 4)[:, None, None])
    obstructed.pass_time()
    painted = session.heart.edit.obstructed.copy()
    assert painted.sum() > predicted.sum()
    if later == "prediction":
        session.obstruction.predict(obstructed.answer, "cpu")
        another = an_obstruction(labels)
        another.mask[:, 3] = False
        obstructed.hear(Finished(another))
    else:
        obstructed.segment()
    replaced = session.heart.edit.obstructed
    session.undo()
    obstructed.pass_time()
    np.testing.assert_array_equal(session.heart.edit.obstructed, painted)
    np.testing.assert_array_equal(phase_obstruction(session.nodes, 0), painted[0])
    session.redo()
    obstructed.pass_time()
    np.testing.assert_array_equal(session.heart.edit.obstructed, replaced)
    session.undo()
    session.undo()
    obstructed.pass_time()
    np.testing.assert_array_equal(session.heart.edit.obstructed, predicted)
    session.redo()
    np.testing.assert_array_equal(session.heart.edit.obstructed, painted)


def test_a_segment_of_the_users_own_with_its_id_is_not_lost_with_it(segmented: User):
    session, nodes = segmented.session, segmented.session.nodes
    mine = (segmented.truth.labels[0] == MYO) & (np.arange(6) == 4)[:, None, None]
    editor = SegmentEditor(nodes)
    editor.add_segment("MVO")
    editor.paint("MVO", mine, allow_overlap=True)
    session.obstruction.predict(segmented.answer, "cpu")
    segmented.hear(Finished(an_obstruction(segmented.truth.labels)))
    for action in (session.undo, session.redo, session.undo):
        action()
        segmented.pass_time()
        segmentation = nodes.sequence.GetNthDataNode(0).GetSegmentation()
        (own,) = set(other_segments(segmentation)) - {"MVO"}
        np.testing.assert_array_equal(mask_of(segmentation, own, nodes.grid), mine)
