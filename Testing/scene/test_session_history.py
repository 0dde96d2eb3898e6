from __future__ import annotations

import numpy as np

from MedVOSSegmentLib.session.history import Change, History
from MedVOSSegmentLib.session.label_cache import Patch
from MedVOSSegmentLib.session.state import State

STATES = [State.blank((2, 2, 4, 4)).accepting(t, z, True) for t in range(2) for z in range(2)]


def a_change(number: int, slices: int = 0) -> Change:
    masks = np.zeros((slices, 4, 4), np.uint8)
    patch = Patch(np.zeros((slices, 2), np.intp), masks, masks) if slices else None
    return Change(f"change {number}", STATES[number], STATES[number + 1], patch)


def test_changes_are_taken_back_the_newest_first_and_made_again():
    history = History()
    for number in range(3):
        history.add(a_change(number))
    assert [history.undo().name for _ in range(3)] == ["change 2", "change 1", "change 0"]
    assert not history.can_undo and history.undo() is None
    assert [history.redo().name for _ in range(3)] == ["change 0", "change 1", "change 2"]
    assert not history.can_redo and history.redo() is None


def test_after_something_new_nothing_can_be_made_again():
    history = History()
    history.add(a_change(0))
    history.undo()
    history.add(a_change(1))
    assert not history.can_redo
    assert history.last.name == "change 1"


def test_edits_of_one_stroke_are_one_change_and_the_next_stroke_is_another():
    history = History()
    for _ in range(2):
        history.add_stroke(a_change(0, slices=1))
    history.end_stroke()
    history.add_stroke(a_change(1, slices=1))
    assert [history.undo().name, history.undo().name, history.undo()] == ["change 1", "change 0", None]


def test_the_oldest_are_forgotten_when_they_grow_too_large():
    history = History(largest=200)
    for number in range(3):
        history.add(a_change(number, slices=3))  # 2 x 48 bytes
    assert [history.undo().name, history.undo().name, history.undo()] == ["change 2", "change 1", None]


def test_the_last_change_can_always_be_taken_back():
    history = History(largest=1)
    history.add(a_change(0, slices=3))
    assert history.can_undo
