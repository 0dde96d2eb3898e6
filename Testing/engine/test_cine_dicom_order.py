"""The order of the images of one place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cine_files import a_frame

from medvos.cine.dicom_order import in_time
from medvos.errors import InputError


def frames(count=10, **of):
    """Images in no order; each value of `of` is a function of the phase. Names of files run against time."""
    return [
        a_frame(
            **{"path": Path(f"{9999 - t}"), "trigger": None, "order": (0.0, 0.0, 0.0, 0), "slope": float(t)}
            | {key: value(t) for key, value in of.items()}
        )
        for t in np.random.default_rng(0).permutation(count)
    ]


def phases(found):
    return [int(frame.slope) for frame in found.frames]


@pytest.mark.parametrize(
    ("of", "told_by"),
    [
        ({"trigger": lambda t: 40.0 * t}, "TriggerTime"),
        ({"order": lambda t: (t + 1.0, 0.0, 0.0, 0)}, "TemporalPositionIdentifier"),
        ({"order": lambda t: (0.0, 0.0, t + 1.0, 0)}, "InstanceNumber"),
        ({"content_time": lambda t: 36000.0 + t / 25}, "ContentTime"),
        ({"acquisition_time": lambda t: 36000.0 + t}, "AcquisitionTime"),
        ({"trigger": lambda t: 0.0, "content_time": lambda t: 36000.0 + t}, "ContentTime"),
        ({"index": lambda t: t, "order": lambda t: (0.0, 0.0, 0.0, t)}, "the frame numbers"),
    ],
)
def test_the_first_attribute_that_is_another_for_each_picture_tells_the_order(of, told_by):
    found = in_time(frames(**of))
    assert phases(found) == list(range(10)) and found.told_by == told_by


def test_an_order_that_nothing_tells_is_refused_with_what_is_missing():
    with pytest.raises(InputError, match=r"Nothing tells the order.*TriggerTime, InstanceNumber, ContentTime"):
        in_time(frames())
    with pytest.raises(InputError, match="Nothing tells the order"):
        in_time(frames(order=lambda t: (0.0, 0.0, 7.0, 0), content_time=lambda t: 36000.0 + t // 4))


def test_short_and_even_steps_of_the_clock_are_times_and_others_are_not():
    np.testing.assert_allclose(in_time(frames(content_time=lambda t: 36000 + 0.04 * t)).times, 40.0 * np.arange(10))
    assert in_time(frames(content_time=lambda t: 36000.0 + t)).times is None


def test_pictures_with_one_trigger_time_keep_their_places_by_instance_number():
    found = in_time(frames(trigger=lambda t: 40.0 * max(t, 1), order=lambda t: (0.0, 1.0, t + 1.0, 0)), usual=10)
    assert phases(found) == list(range(10)) and (np.diff(found.times) > 0).all()
    assert "one TriggerTime" in found.notes[0] and "more than once" not in found.notes[0]


def test_rounded_trigger_times_keep_all_phases():
    found = in_time(frames(trigger=lambda t: 100.0 * (t // 3), order=lambda t: (0.0, 1.0, t + 1.0, 0)), usual=10)
    assert phases(found) == list(range(10)) and (np.diff(found.times) > 0).all()


def test_pictures_with_one_trigger_time_and_nothing_else_are_refused():
    with pytest.raises(InputError, match="one TriggerTime and no InstanceNumber"):
        in_time(frames(trigger=lambda t: 40.0 * max(t, 1)), usual=10)


@pytest.mark.parametrize(("factor", "unit"), [(1e-3, "seconds"), (1e3, "microseconds")])
def test_trigger_times_in_other_units_become_ms_and_it_is_said(factor, unit):
    found = in_time(frames(trigger=lambda t: factor * 40.0 * t))
    np.testing.assert_allclose(found.times, 40.0 * np.arange(10))
    assert unit in found.notes[0]


def test_beats_that_begin_anew_are_passes_and_one_is_taken():
    found = in_time(frames(30, trigger=lambda t: 40.0 * (t % 10), order=lambda t: (0.0, 0.0, t + 1.0, 0)))
    assert phases(found) == list(range(20, 30)) and "20 earlier images were left out" in found.notes[0]


@pytest.mark.parametrize("numbered", [True, False])
def test_of_a_slice_acquired_twice_without_times_the_last_pass_is_taken(numbered):
    found = in_time(frames(20, order=lambda t: (0.0, 1.0 + t // 10 if numbered else 0.0, t + 1.0, 0)), usual=10)
    assert phases(found) == list(range(10, 20)) and "more than once" in found.notes[0]


def test_passes_that_nothing_tells_apart_are_refused():
    with pytest.raises(InputError, match="more than once"):
        in_time(frames(20), usual=10)


def test_times_that_run_on_from_slice_to_slice_begin_anew():
    found = in_time(frames(trigger=lambda t: 4123.0 + 40.0 * t, interval=lambda t: 400.0))
    np.testing.assert_allclose(found.times, 40.0 * np.arange(10))
    assert "runs on from slice to slice" in found.notes[0]


def test_of_a_slice_acquired_twice_the_whole_pass_is_taken_though_only_the_failed_one_has_times():
    failed = frames(5, trigger=lambda t: 40.0 * t, order=lambda t: (0.0, 1.0, t + 1.0, 0))
    whole = frames(10, trigger=lambda t: 120.0, order=lambda t: (0.0, 2.0, t + 20.0, 0))
    found = in_time([*failed, *whole], usual=10)
    assert phases(found) == list(range(10)) and {frame.order[1] for frame in found.frames} == {2.0}
    assert "5 earlier images were left out" in found.notes[0]


def test_a_pass_that_broke_off_after_the_whole_one_is_left_out():
    whole = frames(10, order=lambda t: (0.0, 1.0, t + 1.0, 0))
    found = in_time([*whole, *frames(4, order=lambda t: (0.0, 2.0, t + 20.0, 0))], usual=10)
    assert phases(found) == list(range(10)) and {frame.order[1] for frame in found.frames} == {1.0}
    assert "4 images of a pass that broke off were left out" in found.notes[0]


def test_times_that_begin_anew_with_the_last_image_keep_the_order_of_the_numbers():
    found = in_time(frames(trigger=lambda t: 40.0 * (t % 9), order=lambda t: (0.0, 0.0, t + 1.0, 0)))
    assert phases(found) == list(range(10)) and "begins anew" in found.notes[0]
    np.testing.assert_allclose(found.times, 40.0 * np.arange(10))
