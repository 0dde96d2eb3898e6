from __future__ import annotations

import numpy as np

from MedVOSSegmentLib.session.label_cache import LabelCache, empty_mark, fingerprint


def labels_of(*places: tuple[int, int], label: int = 3) -> np.ndarray:
    labels = np.zeros((3, 2, 5, 7), np.uint8)
    for place in places:
        labels[place][1:3, 2:4] = label
    return labels


def test_only_slices_with_labels_are_filled():
    cache = LabelCache(labels_of((1, 0)))
    assert np.argwhere(cache.filled).tolist() == [[1, 0]]
    assert cache.marks[0, 0] == empty_mark((5, 7))


def test_a_change_is_reported_with_what_was_there_before():
    cache = LabelCache(labels_of((1, 0)))
    after = labels_of((1, 1))[1]
    patch = cache.update_phase(1, after)
    assert patch.places.tolist() == [[1, 0], [1, 1]]
    np.testing.assert_array_equal(patch.before, labels_of((1, 0))[1])
    np.testing.assert_array_equal(patch.after, after)
    np.testing.assert_array_equal(cache.marks, LabelCache(labels_of((1, 1))).marks)


def test_the_same_again_is_no_change():
    cache = LabelCache(labels_of((1, 0)))
    assert cache.update_phase(1, labels_of((1, 0))[1]) is None


def test_what_is_seen_is_not_what_may_change_later():
    cache = LabelCache(labels_of())
    phase = labels_of((0, 0))[0]
    patch = cache.update_phase(0, phase)
    phase[:] = 9
    assert patch.after.max() == cache.labels.max() == 3


def test_two_changes_make_one():
    cache = LabelCache(labels_of((1, 0)))
    first = cache.update_phase(1, labels_of((1, 0), (1, 1))[1])
    second = cache.update_phase(1, labels_of((1, 1), label=2)[1])
    both = first.then(second)
    assert both.places.tolist() == [[1, 0], [1, 1]]
    np.testing.assert_array_equal(both.before, labels_of((1, 0))[1])
    np.testing.assert_array_equal(both.after, labels_of((1, 1), label=2)[1])


def test_the_fingerprint_tells_where_labels_are():
    assert fingerprint(LabelCache(labels_of((1, 0))).marks) != fingerprint(LabelCache(labels_of((0, 1))).marks)
    assert fingerprint(LabelCache(labels_of((1, 0))).marks) == fingerprint(LabelCache(labels_of((1, 0))).marks)
