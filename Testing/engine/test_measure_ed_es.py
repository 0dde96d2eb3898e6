"""The sentence on the phases at which a heart was measured."""

from __future__ import annotations

import numpy as np

from medvos.measure.ed_es import ed_and_es_sentences
from medvos.measure.measures import Beat, Measures


def test_phases_are_counted_from_1():
    (sentence,) = ed_and_es_sentences(Measures({}, np.zeros(9), ed=0, es=4))
    assert sentence.startswith("ED is phase 1, ES is phase 5, counted from 1")


def test_frames_of_a_clip_are_called_that_with_the_beat_that_is_reported():
    beats = tuple(Beat(start, start + 15, None, None, ef) for start, ef in ((1, 50.0), (55, 56.0), (98, 61.0)))
    (sentence,) = ed_and_es_sentences(Measures({}, np.zeros(150), ed=55, es=70, beats=beats))
    assert sentence.startswith("ED is frame 56, ES is frame 71 (beat 2, that of the median EF), counted from 1")


def test_without_phases_nothing_is_said():
    assert ed_and_es_sentences(Measures({}, np.zeros(3))) == []
