from __future__ import annotations

import numpy as np
import pytest

from medvos.measure.measures import Beat, Measures
from medvos.report.excerpt import TILES, beat_frames, excerpt_of, marks, worst_frames


def measures_of(frames: int, beats: tuple[Beat, ...] = (), chosen: int = 0) -> Measures:
    middle = beats[chosen] if beats else None
    return Measures(
        {}, np.arange(frames) * 20.0, {}, middle and middle.ed, middle and middle.es, no_normal="", beats=beats
    )


BEATS = (Beat(10, 25, None, None, 50.0), Beat(60, 75, None, None, 55.0), Beat(110, 125, None, None, 60.0))


def test_the_beat_that_is_shown_goes_from_ed_over_es_to_the_next_ed():
    shown = beat_frames(measures_of(150, BEATS, 1))
    assert shown[0] == 60 and shown[-1] == 110 and 75 in shown
    assert len(shown) == TILES and shown == sorted(shown)


def test_the_last_beat_ends_with_the_clip():
    assert beat_frames(measures_of(150, BEATS, 2))[-1] == 149


def test_without_a_beat_the_whole_clip_is_shown():
    shown = beat_frames(measures_of(150))
    assert (shown[0], shown[-1], len(shown)) == (0, 149, TILES)


@pytest.mark.parametrize("frames", [1, 3])
def test_a_short_clip_is_shown_whole(frames):
    assert beat_frames(measures_of(frames)) == list(range(frames))


def test_the_worst_frames_are_not_neighbours():
    scores = np.zeros(200, np.float32)
    scores[50:54] = 0.9, 0.95, 0.85, 0.8
    scores[120] = 0.5
    assert worst_frames(scores) == [51, 120]


def test_where_the_model_was_sure_no_frame_is_the_worst():
    assert worst_frames(np.zeros(20, np.float32)) == []


def test_an_excerpt_knows_the_numbers_of_its_frames(a_result):
    excerpt = excerpt_of(a_result, [1, 4, 5]).only([5, 1])
    assert excerpt.numbers == (5, 1)
    np.testing.assert_array_equal(excerpt.result.labels, a_result.labels[[5, 1]])
    np.testing.assert_array_equal(excerpt.result.cine.times, a_result.cine.times[[5, 1]])
    np.testing.assert_array_equal(excerpt.result.slice_scores, a_result.slice_scores[[5, 1]])


def test_ed_and_es_of_every_beat_are_marked():
    assert marks(measures_of(150, BEATS)) == {10: "ED", 60: "ED", 110: "ED", 25: "ES", 75: "ES", 125: "ES"}
