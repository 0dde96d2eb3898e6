from __future__ import annotations

import numpy as np
import pytest
from session_fakes import FakeSegments

from MedVOSSegmentLib.session.label_cache import LabelCache
from MedVOSSegmentLib.session.label_writer import LabelWriter

SHAPE = (4, 3, 5, 6)


@pytest.fixture
def before() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 4, SHAPE, np.uint8)


@pytest.fixture
def wanted() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 4, SHAPE, np.uint8)


class Scene:
    """Segments with all that a writer needs to know of them."""

    def __init__(self, labels: np.ndarray) -> None:
        self.segments = FakeSegments(labels)
        self.cache = LabelCache(labels)
        self.written = self.cache.marks.copy()
        self.kept = np.zeros(SHAPE[:2], bool)
        self.writer = LabelWriter(self.segments, self.cache, self.written, self.kept)

    @property
    def now(self) -> np.ndarray:
        return self.segments.now

    def assert_in_step(self) -> None:
        np.testing.assert_array_equal(self.cache.labels, self.now)
        np.testing.assert_array_equal(self.cache.marks, LabelCache(self.now).marks)


@pytest.fixture
def scene(before: np.ndarray) -> Scene:
    return Scene(before)


def test_everything_wanted_is_written(scene: Scene, wanted: np.ndarray):
    scene.writer.queue_all(wanted)
    scene.writer.step()
    np.testing.assert_array_equal(scene.now, wanted)
    scene.assert_in_step()
    np.testing.assert_array_equal(scene.written, scene.cache.marks)
    assert not scene.writer.busy


def test_one_slice_leaves_the_others(scene: Scene, before: np.ndarray, wanted: np.ndarray):
    scene.writer.queue_slice(1, wanted[:, 1])
    scene.writer.step()
    np.testing.assert_array_equal(scene.now[:, 1], wanted[:, 1])
    np.testing.assert_array_equal(scene.now[:, [0, 2]], before[:, [0, 2]])


def test_slices_that_are_kept_stay(scene: Scene, before: np.ndarray, wanted: np.ndarray):
    scene.kept[2, 1] = True
    scene.writer.queue_all(wanted)
    scene.writer.step()
    np.testing.assert_array_equal(scene.now[2, 1], before[2, 1])
    assert (scene.now != wanted).any((2, 3)).sum() == 1


def test_a_slice_drawn_meanwhile_stays_though_without_an_event(scene: Scene, wanted: np.ndarray):
    scene.writer.queue_all(wanted)
    scene.segments.now[3, 0] = 7
    scene.writer.step()
    assert (scene.now[3, 0] == 7).all()
    assert (scene.now != wanted).any((2, 3)).sum() == 1
    scene.assert_in_step()


def test_one_step_writes_one_phase_when_time_is_up_and_the_first_is_the_one_in_view(scene: Scene, wanted: np.ndarray):
    scene.writer.queue_all(wanted)
    scene.writer.step(until=0.0, first=2)
    assert scene.segments.written == [[(2, 0), (2, 1), (2, 2)]]
    assert scene.writer.busy
    scene.writer.step(until=0.0, first=2)
    assert scene.segments.written[1] == [(3, 0), (3, 1), (3, 2)]


def test_slices_that_are_right_already_are_not_written(scene: Scene, before: np.ndarray):
    changed = before.copy()
    changed[1, 2] = 0
    scene.writer.queue_all(changed)
    scene.writer.step()
    assert scene.segments.written == [[(1, 2)]]


def test_all_can_be_taken_back(scene: Scene, before: np.ndarray, wanted: np.ndarray):
    marks = scene.written.copy()
    scene.writer.queue_slice(1, wanted[:, 1])
    scene.writer.step()
    scene.writer.queue_all(before[::-1])
    scene.writer.step(until=0.0)
    scene.writer.queue_restore()
    scene.writer.step()
    np.testing.assert_array_equal(scene.now, before)
    np.testing.assert_array_equal(scene.written, marks)
    scene.assert_in_step()


def test_taking_back_spares_what_the_user_drew_on_a_filled_slice(scene: Scene, before: np.ndarray, wanted: np.ndarray):
    scene.writer.queue_all(wanted)
    scene.writer.step()
    scene.segments.now[0, 0, 0] = 3
    drawn = scene.segments.now[0, 0].copy()
    scene.writer.queue_restore()
    scene.writer.step()
    np.testing.assert_array_equal(scene.now[0, 0], drawn)
    assert (scene.now != before).any((2, 3)).sum() == 1


def test_the_patch_holds_what_was_filled_and_is_still_there(scene: Scene, before: np.ndarray, wanted: np.ndarray):
    scene.writer.queue_all(wanted)
    scene.writer.step()
    scene.segments.now[0, 0] = 7
    scene.cache.update_phase(0, scene.segments.phase_labels(0))
    patch = scene.writer.patch()
    places = [tuple(place) for place in patch.places.tolist()]
    assert sorted(places) == [(t, z) for t in range(4) for z in range(3) if (t, z) != (0, 0)]
    for place, old, new in zip(places, patch.before, patch.after, strict=True):
        np.testing.assert_array_equal(old, before[place])
        np.testing.assert_array_equal(new, wanted[place])


def test_the_patch_of_nothing_is_empty(scene: Scene):
    patch = scene.writer.patch()
    assert len(patch.places) == 0 and patch.before.shape == (0, 5, 6)


def test_undoing_writes_over_everything_and_makes_nothing_the_modules(before: np.ndarray, wanted: np.ndarray):
    segments, cache = FakeSegments(before), LabelCache(before)
    writer = LabelWriter(segments, cache)
    writer.queue_places(np.array([[1, 1], [3, 2]]), wanted[[1, 3], [1, 2]])
    writer.step()
    expected = before.copy()
    expected[1, 1], expected[3, 2] = wanted[1, 1], wanted[3, 2]
    np.testing.assert_array_equal(segments.now, expected)
    np.testing.assert_array_equal(cache.labels, expected)
