"""Segments beside the labels: whether they overlap, and undoing them once they have become labels."""

from __future__ import annotations

import time

import numpy as np
import pytest
from own_segment import OWN, draw_own
from session_fakes import finished
from session_user import SEED, User

from medvos.structures import RV
from MedVOSSegmentLib.session.history import ONE_STROKE_S
from MedVOSSegmentLib.session.own_segments import examine


def a_block(user: User, columns: slice) -> np.ndarray:
    mask = np.zeros(user.truth.shape[1:], bool)
    mask[SEED[1], 4:12, columns] = True
    return mask


def test_one_over_another_of_them_is_left_out(drawn: User):
    draw_own(drawn)
    drawn.editor.add_segment("Second")
    drawn.editor.paint("Second", a_block(drawn, slice(8, 16)), allow_overlap=True)
    found = examine(drawn.session.heart.edit)
    assert found.fit == ("Segment_1",) and "'Second': not propagated, since it lies over" in found.sentences[0]


def test_a_label_that_the_module_writes_over_it_is_seen(drawn: User):
    draw_own(drawn)
    edit = drawn.session.heart.edit
    assert examine(edit).fit == ("Segment_1",)
    labels = np.where(a_block(drawn, slice(8, 16))[SEED[1]], np.uint8(RV), edit.cache.labels[SEED])
    edit.put("written by the module", np.array([SEED]), labels[None])
    assert examine(edit).fit == ()


@pytest.mark.parametrize("at_once", [False, True])
def test_strokes_from_before_and_after_it_became_a_label_are_undone_one_by_one(drawn: User, at_once: bool):
    mask = draw_own(drawn)
    more = a_block(drawn, slice(20, 24))
    drawn.editor.paint("Segment_1", more)
    drawn.session.propagation.propagate()
    if at_once:
        drawn.session.cancel()
        drawn.settle()
    else:
        drawn.hear(finished(drawn.cine, drawn.truth))
        drawn.settle()
        time.sleep(1.2 * ONE_STROKE_S)
    drawn.editor.paint("Segment_1", a_block(drawn, slice(30, 34)))
    drawn.session.undo()
    drawn.settle()
    np.testing.assert_array_equal(drawn.labels[SEED[0]] == OWN, mask | more)
    for _ in range(1 if at_once else 2):
        drawn.session.undo()
        drawn.settle()
    np.testing.assert_array_equal(drawn.labels[SEED[0]] == OWN, mask)
