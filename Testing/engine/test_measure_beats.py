from __future__ import annotations

import numpy as np
import pytest

from medvos.measure.beats import find_beats
from medvos.synth.ejected_fraction import ejected_fraction

STEP = 20.0  # ms


def a_clip(beats: float, period: float = 800.0, start: float = 0.0, jitter: float = 0.0) -> tuple[np.ndarray, ...]:
    """Times, and areas that begin ``start`` beats after ED."""
    times = np.arange(round(beats * period / STEP)) * STEP
    areas = 1000 - 400 * ejected_fraction(times / period + start, 0.36, 0.25)
    return times, areas + np.random.default_rng(3).normal(0, jitter, len(areas))


@pytest.mark.parametrize("jitter", [0.0, 15.0])
@pytest.mark.parametrize(("beats", "start", "expected"), [(3.0, 0.0, 3), (3.5, 0.6, 3), (1.2, 0.9, 1), (2.2, 0.5, 2)])
def test_every_contraction_is_found_where_it_is(beats, start, expected, jitter):
    times, areas = a_clip(beats, start=start, jitter=jitter)
    found = find_beats(times, areas)
    assert len(found) == expected
    for ed, es in found:
        in_beat = (times[[ed, es]] / 800.0 + start) % 1.0
        assert min(in_beat[0], 1 - in_beat[0]) < 0.1
        assert in_beat[1] == pytest.approx(0.36, abs=0.08)


def test_a_contraction_that_the_clip_cuts_off_is_left_out():
    times, areas = a_clip(1.25)
    assert len(find_beats(times, areas)) == 1


def test_fast_hearts_are_no_jitter():
    times = np.arange(60) * 10.0
    areas = 1000 - 300 * ejected_fraction(times / 320.0, 0.45, 0.1)
    assert len(find_beats(times, areas)) == 2


def test_frames_without_an_lv_are_neither_ed_nor_es():
    times, areas = a_clip(2.0)
    areas[10:13] = 0
    areas[30] = np.nan
    found = find_beats(times, areas)
    assert len(found) == 2
    assert all(np.nan_to_num(areas[frame]) > 0 for beat in found for frame in beat)


def test_two_frames_are_one_beat_whichever_comes_first():
    assert find_beats(np.array([0.0, 300.0]), np.array([50.0, 90.0])) == [(1, 0)]


@pytest.mark.parametrize("areas", [np.zeros(30), np.full(30, 100.0), np.array([0, 0, 7.0])])
def test_without_a_contraction_there_is_no_beat(areas):
    assert find_beats(np.arange(len(areas)) * STEP, areas) == []


@pytest.mark.parametrize("jitter", [0.5, 2.0])
def test_what_jitters_does_not_beat(jitter):
    areas = 100 + np.random.default_rng(0).normal(0, jitter, 150)
    assert find_beats(np.arange(150) * STEP, areas) == []


def test_a_heart_that_hardly_contracts_beats():
    times, areas = a_clip(3.0)
    assert len(find_beats(times, 1000 + (areas - 1000) / 5)) == 3


def test_a_frame_that_is_large_by_chance_does_not_move_ed_along_the_end_of_filling():
    times = np.arange(100) * STEP
    areas = np.interp(np.arange(100) % 50, [0, 15, 30, 45, 49], [1000, 600, 990, 1000, 1000.0])
    areas[38] += 12
    assert 44 <= find_beats(times, areas)[1][0] <= 50


def test_es_is_the_beginning_of_a_flat_trough_and_not_the_least_area_in_it():
    times = np.arange(80) * STEP
    areas = np.interp(times, [0, 300, 700, 800, 1100, 1500, 1600], [1000, 600, 600, 1000, 600, 600, 1000])
    areas[30] = 590.0
    ((_, es), *_) = find_beats(times, areas)
    assert 13 <= es <= 18
