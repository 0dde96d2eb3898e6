from __future__ import annotations

import numpy as np

from MedVOSSegmentLib.session.known import Known, empty_mark, fingerprint


def labels_of(*places: tuple[int, int], label: int = 3) -> np.ndarray:
    labels = np.zeros((3, 2, 5, 7), np.uint8)
    for place in places:
        labels[place][1:3, 2:4] = label
    return labels


def test_only_slices_with_labels_are_filled():
    known = Known(labels_of((1, 0)))
    assert np.argwhere(known.filled).tolist() == [[1, 0]]
    assert known.marks[0, 0] == empty_mark((5, 7))


def test_a_change_is_told_with_what_was_there_before():
    known = Known(labels_of((1, 0)))
    after = labels_of((1, 1))[1]
    patch = known.see_phase(1, after)
    assert patch.places.tolist() == [[1, 0], [1, 1]]
    np.testing.assert_array_equal(patch.before, labels_of((1, 0))[1])
    np.testing.assert_array_equal(patch.after, after)
    np.testing.assert_array_equal(known.marks, Known(labels_of((1, 1))).marks)


def test_the_same_again_is_no_change():
    known = Known(labels_of((1, 0)))
    assert known.see_phase(1, labels_of((1, 0))[1]) is None


def test_what_is_seen_is_not_what_may_change_later():
    known = Known(labels_of())
    phase = labels_of((0, 0))[0]
    patch = known.see_phase(0, phase)
    phase[:] = 9
    assert patch.after.max() == known.labels.max() == 3


def test_two_changes_make_one():
    known = Known(labels_of((1, 0)))
    first = known.see_phase(1, labels_of((1, 0), (1, 1))[1])
    second = known.see_phase(1, labels_of((1, 1), label=2)[1])
    both = first.then(second)
    assert both.places.tolist() == [[1, 0], [1, 1]]
    np.testing.assert_array_equal(both.before, labels_of((1, 0))[1])
    np.testing.assert_array_equal(both.after, labels_of((1, 1), label=2)[1])


def test_the_fingerprint_tells_where_labels_are():
    assert fingerprint(Known(labels_of((1, 0))).marks) != fingerprint(Known(labels_of((0, 1))).marks)
    assert fingerprint(Known(labels_of((1, 0))).marks) == fingerprint(Known(labels_of((1, 0))).marks)
