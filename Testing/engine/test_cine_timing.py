"""Phase times from steps, values and units that may be wrong."""

from __future__ import annotations

import numpy as np
import pytest

from medvos.cine.timing import from_step, from_values, unknown


@pytest.mark.parametrize(("step", "unit"), [(0.04, "sec"), (40.0, "msec"), (40_000.0, "usec")])
def test_a_step_in_its_unit_gives_the_beat(step, unit):
    timing = from_step(20, step, unit)
    assert timing.period == pytest.approx(800)
    assert timing.heart_rate == pytest.approx(75)
    assert timing.notes == ()
    np.testing.assert_allclose(timing.times, np.arange(20) * 40.0)


@pytest.mark.parametrize(("step", "unit"), [(0.04, "msec"), (40.0, "sec"), (0.04, "unknown"), (40.0, "")])
def test_a_step_in_a_wrong_or_missing_unit_is_understood_and_said(step, unit):
    timing = from_step(20, step, unit)
    assert timing.period == pytest.approx(800)
    assert "taken as" in timing.notes[0]


@pytest.mark.parametrize("step", [1.0, 0.0, -0.04, np.nan, np.inf, 1e30])
def test_a_step_that_no_heart_has_gives_an_assumed_beat(step):
    timing = from_step(30, step, "sec")
    assert timing.period == 1000 and timing.heart_rate is None
    assert "assumed" in timing.notes[0]


def test_uneven_times_are_kept():
    timing = from_values([10, 40, 90, 120], "ms")
    np.testing.assert_allclose(timing.times, (0, 30, 80, 110))
    assert timing.period == 140


def test_times_in_seconds_become_ms():
    np.testing.assert_allclose(from_values([0, 0.04, 0.08], "s").times, (0, 40, 80))


@pytest.mark.parametrize("values", [[0, 1, 2], [0, 0, 0], [3, 2, 1], [0, np.nan, 2]])
def test_ordinals_and_nonsense_are_no_times(values):
    assert from_values(values, "").heart_rate is None


def test_unknown_times_are_even():
    np.testing.assert_allclose(unknown(4).times, (0, 250, 500, 750))


def test_a_part_of_a_beat_has_no_heart_rate_and_keeps_its_times():
    timing = from_step(3, 28.8, "msec")
    assert timing.heart_rate is None and "86 ms in all" in timing.notes[0]
    np.testing.assert_allclose(timing.times, [0, 28.8, 57.6])
