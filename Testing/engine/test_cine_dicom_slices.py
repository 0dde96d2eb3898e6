"""Frames gathered into slices."""

from __future__ import annotations

import numpy as np
from cine_files import a_frame, normal

from medvos.cine.dicom_slices import slices_of


def test_frames_at_one_place_are_one_slice_in_the_order_of_their_trigger_times():
    frames = [a_frame(trigger=t, position=z * normal()) for z in (0.0, 8.0) for t in (80.0, 0.0, 40.0)]
    slices = slices_of(frames)
    assert len(slices) == 2 and not any(one.found.notes for one in slices)
    for one in slices:
        np.testing.assert_array_equal(one.triggers, (0, 40, 80))


def test_frames_without_trigger_time_follow_temporal_position_then_acquisition_then_instance():
    orders = [(0.0, 2.0, 1.0, 0), (0.0, 1.0, 2.0, 0), (0.0, 1.0, 1.0, 0)]
    (one,) = slices_of([a_frame(trigger=None, order=order) for order in orders])
    assert [frame.order for frame in one.frames] == sorted(orders)
    assert one.triggers is None and not one.no_cine_because


def test_one_trigger_time_for_all_tells_nothing():
    (one,) = slices_of([a_frame(order=(0.0, 0.0, n, 0)) for n in (2.0, 1.0)])
    assert [frame.order[2] for frame in one.frames] == [1.0, 2.0]


def test_of_a_slice_acquired_twice_the_last_stays_and_it_is_said():
    frames = [a_frame(trigger=t, order=(0.0, n, 0.0, 0)) for n in (1.0, 2.0) for t in (0.0, 40.0)]
    (one,) = slices_of(frames)
    assert [frame.order[1] for frame in one.frames] == [2.0, 2.0]
    assert "more than once" in one.found.notes[0]


def test_two_breath_holds_of_one_slice_are_not_mixed():
    holds = [(1.0, 800.0), (2.0, 830.0)]
    frames = [
        a_frame(trigger=t * beat / 10 + n, order=(0.0, n, float(t), 0), interval=beat)
        for n, beat in holds
        for t in range(10)
    ]
    (one,) = slices_of(frames)
    assert [frame.order[1] for frame in one.frames] == [2.0] * 10
    assert "more than once" in one.found.notes[0]


def test_a_beat_that_was_acquired_in_parts_stays_whole():
    frames = [a_frame(trigger=80.0 * t, order=(0.0, float(t // 5), float(t), 0)) for t in range(10)]
    (one,) = slices_of(frames)
    assert len(one.frames) == 10 and one.found.notes == ()


def test_many_beats_are_no_cine():
    (one,) = slices_of([a_frame(trigger=900.0 * t) for t in range(40)])
    assert "many heart beats" in one.no_cine_because


def test_series_are_kept_apart():
    assert len(slices_of([a_frame(series=name) for name in "ab"])) == 2
