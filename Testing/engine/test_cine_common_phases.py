"""One set of phases for slices of different breath-holds."""

from __future__ import annotations

import numpy as np
import pytest

from medvos.cine.common_phases import SlicePhases, periodic_weights, plan_phases
from medvos.errors import InputError


def a_slice(
    phases: int = 10, interval: float = 800.0, without: tuple[int, ...] = (), known: bool = True
) -> SlicePhases:
    kept = np.array([t for t in range(phases) if t not in without])
    return SlicePhases(kept * interval / phases, kept + 1.0, interval if known else None)


def test_equal_counts_correspond_by_number_whatever_the_heart_rate():
    plan = plan_phases([a_slice(interval=interval) for interval in (700.0, 800.0, 900.0)])
    assert plan.weights == (None, None, None) and plan.notes == ()
    assert plan.timing.period == 800
    np.testing.assert_allclose(plan.timing.times, np.arange(10) * 80.0)


def test_a_part_of_a_beat_whose_length_no_header_tells_has_no_heart_rate():
    part = SlicePhases(np.arange(3) * 38.0, np.arange(3) + 1.0, None)
    timing = plan_phases([part, part]).timing
    assert timing.heart_rate is None and "114 ms in all" in timing.notes[0]
    np.testing.assert_allclose(timing.times, [0, 38, 76])


def test_another_count_is_resampled_by_its_place_in_the_beat():
    plan = plan_phases([a_slice(), a_slice(), a_slice(phases=20, interval=1000.0)])
    curve = np.sin(2 * np.pi * np.arange(20) / 20)
    np.testing.assert_allclose(plan.weights[2] @ curve, curve[::2], atol=1e-9)
    assert "Slice 3 (counted from 1) has 20 phases and the stack has 10" in plan.notes[0]


@pytest.mark.parametrize("missing", [0, 4, 9])
def test_a_missing_phase_is_named_and_filled_from_its_neighbours(missing):
    plan = plan_phases([a_slice(), a_slice(without=(missing,)), a_slice()])
    others = [t for t in range(10) if t != missing]
    np.testing.assert_allclose(plan.weights[1][others], np.eye(9), atol=1e-9)
    assert sorted(np.flatnonzero(plan.weights[1][missing] > 0.4)) == sorted({(missing - 1) % 9, missing % 9})
    assert f"(phase {missing + 1} is missing)" in plan.notes[0]


def test_a_gap_is_seen_without_the_length_of_the_beat():
    plan = plan_phases([a_slice(known=False), a_slice(without=(4,), known=False), a_slice(known=False)])
    assert plan.timing.period == pytest.approx(800)
    assert "(phase 5 is missing)" in plan.notes[0]


def test_instance_numbers_tell_what_is_missing_where_there_are_no_times():
    whole = SlicePhases(None, np.arange(10) + 11.0, None)
    part = SlicePhases(None, np.array([1.0, 2, 3, 5, 6, 7, 8, 9, 10]), None)
    plan = plan_phases([part, whole, whole])
    assert "Slice 1 (counted from 1) has 9 phases (phase 4 is missing)" in " ".join(plan.notes)


def test_a_guess_is_refused():
    whole = SlicePhases(None, np.full(10, 1.0), None)
    with pytest.raises(InputError, match=r"Slice 2 \(counted from 1\) has 9 phases"):
        plan_phases([whole, SlicePhases(None, np.full(9, 1.0), None), whole])


def test_a_hole_of_a_quarter_beat_is_refused():
    with pytest.raises(InputError, match=r"Slice 2 \(counted from 1\) has 7 of 10 phases"):
        plan_phases([a_slice(), a_slice(without=(3, 4, 5)), a_slice()])


def test_a_doubled_and_a_missing_phase_in_one_slice_are_not_taken_for_a_full_set():
    odd = SlicePhases(np.delete(np.append(np.arange(10), 9.5), 4) * 80.0, np.arange(10) + 1.0, 800.0)
    plan = plan_phases([a_slice(), a_slice(), odd])
    assert plan.weights[2] is not None
    np.testing.assert_allclose(plan.weights[2][4], [0, 0, 0, 0.5, 0.5, 0, 0, 0, 0, 0], atol=1e-9)


def test_weights_close_the_circle():
    weights = periodic_weights(np.array([0.2, 0.6]), np.array([0.2, 0.4, 0.9, 0.0]))
    np.testing.assert_allclose(weights, [[1, 0], [0.5, 0.5], [0.5, 0.5], [2 / 3, 1 / 3]], atol=1e-9)


def test_prospective_gating_keeps_the_pause_at_the_end_of_the_beat():
    window = SlicePhases(np.arange(8) * 80.0, np.arange(8) + 1.0, 1000.0)
    plan = plan_phases([window, window])
    assert plan.timing.period == 1000 and plan.timing.times[-1] == 560


def test_a_slice_that_starts_elsewhere_in_the_beat_is_not_shifted():
    late = SlicePhases((np.arange(10) + 3) * 80.0, np.arange(10) + 1.0, 800.0)
    plan = plan_phases([a_slice(), a_slice(), late])
    np.testing.assert_allclose(plan.weights[2], np.roll(np.eye(10), 3, axis=0), atol=1e-9)
    assert "Slice 3 " in plan.notes[0]
