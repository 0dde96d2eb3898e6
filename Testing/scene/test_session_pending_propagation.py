from __future__ import annotations

import numpy as np
import pytest
from session_fakes import FakeJob, FakeSegments, finished

from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.events import Advanced, Failed, Logged, SliceDone
from MedVOSSegmentLib.session.label_cache import LabelCache
from MedVOSSegmentLib.session.label_writer import LabelWriter
from MedVOSSegmentLib.session.pending_propagation import PendingPropagation, PropagationRequest

FOREVER = float("inf")


class Story:
    """A run over segments that hold one drawn slice."""

    def __init__(self, heart: SyntheticHeart) -> None:
        self.heart = heart
        self.before = np.zeros_like(heart.labels)
        self.before[0, 3] = heart.labels[0, 3]
        self.segments = FakeSegments(self.before)
        self.cache = LabelCache(self.before)
        self.job = FakeJob(None)
        self.lines: list[str] = []
        request = PropagationRequest(self.cache.filled, self.cache.marks.copy(), "cstm", "cpu", True)
        writer = LabelWriter(self.segments, self.cache, self.cache.marks.copy(), request.own)
        self.run = PendingPropagation(self.job, request, writer, self.lines.append)

    def hear(self, *events: object) -> bool:
        """Whether that was the end."""
        self.job.events += events
        return self.run.poll(FOREVER, 0) or self.run.poll(FOREVER, 0)


@pytest.fixture
def story(small_heart: SyntheticHeart) -> Story:
    return Story(small_heart)


def test_progress_and_log_are_passed_on(story: Story):
    assert story.run.progress.total == 0
    assert not story.hear(Advanced(3, 10, 7.0, "propagating"), Logged("a line"))
    assert story.run.progress == Advanced(3, 10, 7.0, "propagating")
    assert story.lines == ["a line"]


def test_slices_appear_as_they_are_done(story: Story):
    assert not story.hear(SliceDone(2, story.heart.labels[:, 2]))
    np.testing.assert_array_equal(story.segments.now[:, 2], story.heart.labels[:, 2])
    assert not story.segments.now[:, 4].any()


def test_the_end_brings_everything(story: Story):
    assert story.hear(finished(story.heart.cine, story.heart.labels))
    np.testing.assert_array_equal(story.segments.now, story.heart.labels)
    assert story.run.outcome is not None and story.run.sentence == ""


def test_the_end_comes_when_the_scene_shows_it(story: Story):
    story.job.events = [finished(story.heart.cine, story.heart.labels)]
    polls = 0
    while not story.run.poll(0.0, 0):
        polls += 1
    assert polls == len(story.before)
    np.testing.assert_array_equal(story.segments.now, story.heart.labels)


def test_a_failure_leaves_the_scene_as_it_was(story: Story):
    story.hear(SliceDone(2, story.heart.labels[:, 2]))
    assert story.hear(Failed("It broke.", "log"))
    np.testing.assert_array_equal(story.segments.now, story.before)
    assert (story.run.outcome, story.run.sentence) == (None, "It broke.")


def test_a_cancel_leaves_the_scene_as_it_was(story: Story):
    story.hear(SliceDone(2, story.heart.labels[:, 2]))
    story.run.cancel()
    assert story.hear()
    np.testing.assert_array_equal(story.segments.now, story.before)
    assert (story.run.outcome, story.run.sentence) == (None, "")


def test_a_cancel_while_the_result_is_coming_in_takes_it_all_back(story: Story):
    story.job.events = [finished(story.heart.cine, story.heart.labels)]
    assert not story.run.poll(0.0, 0)
    story.run.cancel()
    while not story.run.poll(0.0, 0):
        pass
    np.testing.assert_array_equal(story.segments.now, story.before)
    assert story.run.outcome is None
