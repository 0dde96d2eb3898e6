"""An MVO that the reader drew, beside one that is predicted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import undrawn_case
from segment_editor import SegmentEditor
from undrawn_case import User, an_obstruction

from medvos.structures import MYO
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.events import Finished
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.segment_labels import mask_of, other_segments
from MedVOSSegmentLib.session.own_segments import OwnSegments, examine


def test_strokes_on_an_mvo_of_the_reader_are_taken_back_although_a_prediction_gave_it_another_id(
    logics: Logics, small_heart: SyntheticHeart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    undrawn_case.store(tmp_path / "models")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))
    segmented = User(logics, small_heart)
    segmented.segment()
    session, nodes = segmented.session, segmented.session.nodes
    mine = (segmented.truth.labels[0] == MYO) & (np.arange(6) == 4)[:, None, None]
    editor = SegmentEditor(nodes)
    editor.add_segment("MVO")
    editor.paint("MVO", mine & (np.arange(80) < 40), allow_overlap=True)
    session.heart.edit.history.end_stroke()
    editor.paint("MVO", mine, allow_overlap=True)
    session.heart.edit.history.end_stroke()
    session.obstruction.predict(segmented.answer, "cpu")
    segmented.hear(Finished(an_obstruction(segmented.truth.labels)))
    segmentation = nodes.sequence.GetNthDataNode(0).GetSegmentation()

    def own() -> np.ndarray:
        (name,) = set(other_segments(segmentation)) - {"MVO"}
        return mask_of(segmentation, name, nodes.grid)

    for _ in range(2):
        session.undo()
        segmented.pass_time()
    np.testing.assert_array_equal(own(), mine & (np.arange(80) < 40))
    session.undo()
    segmented.pass_time()
    assert not own().any()
    for _ in range(3):
        session.redo()
        segmented.pass_time()
    np.testing.assert_array_equal(own(), mine)
    assert session.heart.edit.obstructed is not None


def test_a_predicted_mvo_is_none_of_the_readers_segments(
    logics: Logics, small_heart: SyntheticHeart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    undrawn_case.store(tmp_path / "models")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))
    segmented = User(logics, small_heart)
    segmented.segment()
    segmented.session.obstruction.predict(segmented.answer, "cpu")
    segmented.hear(Finished(an_obstruction(segmented.truth.labels)))
    assert segmented.session.heart.edit.obstructed is not None
    assert examine(segmented.session.heart.edit) == OwnSegments((), ())
