"""Presence of structures around the beat."""

from __future__ import annotations

import numpy as np
import torch

from medvos.propagation.slice_result import SliceResult
from medvos.propagation.steady_presence import short_runs, without_remnants, without_short_appearances

PHASES = 24  # up to 4 phases are short


def a_slice(*present: range) -> SliceResult:
    """A slice with a square at these phases, which moves to the right phase by phase."""
    probabilities = torch.zeros(PHASES, 3, 32, 32)
    probabilities[:, 1, 20:24, 4:8] = 0.8  # another structure, always there
    for phase in (phase for run in present for phase in run):
        probabilities[phase, 2, 8:16, phase % 16 : phase % 16 + 8] = 0.9
    probabilities[:, 0] = 1 - probabilities[:, 1:].sum(1)
    return SliceResult(3, probabilities, torch.zeros(PHASES, 32, 32), torch.ones(PHASES, 2))


def phases_with_square(result: SliceResult) -> list[int]:
    return torch.nonzero((result.probabilities.argmax(1) == 2).any((1, 2))).flatten().tolist()


def none_drawn() -> np.ndarray:
    return np.zeros(PHASES, bool)


def test_a_structure_that_appears_for_a_few_phases_alone_is_removed():
    found = without_short_appearances(a_slice(range(10, 13)), none_drawn())
    assert phases_with_square(found) == []
    torch.testing.assert_close(found.probabilities.sum(1), torch.ones(PHASES, 32, 32))
    assert (found.probabilities.argmax(1) == 1).any((1, 2)).all()
    assert found.spread[11, 8:16, 11:19].min() > 0.4  # network and rule disagree
    assert found.spread[20].max() == 0


def test_a_structure_that_leaves_the_slice_in_systole_still_does():
    before = a_slice(range(0, 7), range(14, PHASES))
    assert without_short_appearances(before, none_drawn()) is before


def test_a_structure_that_leaves_for_a_moment_at_end_systole_still_does():
    before = a_slice(range(0, 10), range(12, PHASES))
    assert without_short_appearances(before, none_drawn()) is before


def test_a_run_over_the_first_phase_is_one_run():
    assert phases_with_square(without_short_appearances(a_slice(range(0, 2), range(22, 24)), none_drawn())) == []


def test_drawn_phases_stay_as_they_are():
    drawn = none_drawn()
    drawn[11] = True
    seen = a_slice(range(10, 13))
    assert phases_with_square(without_short_appearances(seen, drawn)) == [10, 11, 12]


def test_two_phases_say_nothing_of_a_beat():
    both = a_slice(range(0, 1))
    ends = SliceResult(3, both.probabilities[:2], both.spread[:2], both.presence[:2])
    assert without_short_appearances(ends, np.zeros(2, bool)) is ends


def test_short_runs_are_counted_around_the_beat():
    present = np.array([1, 0, 0, 1, 1, 1, 0, 1], bool)
    none = np.zeros(8, bool)
    assert short_runs(present, none, 2) == [[7, 0]]
    assert short_runs(present, none, 3) == [[3, 4, 5], [7, 0]]
    assert short_runs(np.ones(8, bool), none, 8) == []


def test_a_remnant_of_the_wall_is_removed_where_the_ventricle_has_left_the_slice():
    result = a_slice(range(0, 8), range(14, PHASES))
    result.probabilities[8, 2, 8:10, 8:10] = 0.9  # 4 pixels of 64
    result.probabilities[8, 0, 8:10, 8:10] = 0.1
    result.probabilities[13, 2, 8:11, 8:12] = 0.9  # 12 pixels, a part of the ring
    result.probabilities[13, 0, 8:11, 8:12] = 0.1
    found = without_remnants(result, none_drawn(), wall=2)
    assert phases_with_square(found) == [*range(0, 8), *range(13, PHASES)]
    torch.testing.assert_close(found.probabilities.sum(1), torch.ones(PHASES, 32, 32))
    drawn = none_drawn()
    drawn[8] = True
    assert without_remnants(result, drawn, wall=2) is result
    assert without_remnants(found, none_drawn(), wall=1) is found
