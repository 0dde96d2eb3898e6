from __future__ import annotations

import math

import pytest
import torch

from medvos.models.tcmn.steady import SIGMA_MS, steady

DRAWN = torch.tensor([0.0, 1.0])[:, None, None].expand(2, 3, 3)


def steadied(values: list[float], step_ms: float) -> list[float]:
    """The structure's chance in frames that say ``values``, after a frame in which it was drawn."""
    found = [torch.stack([torch.full((3, 3), 1 - value), torch.full((3, 3), value)]) for value in values]
    kept = list(steady(DRAWN, iter(found), step_ms))
    for one in kept:
        torch.testing.assert_close(one.sum(0), torch.ones(3, 3))
    return [float(one[1, 0, 0]) for one in kept]


def test_a_frame_that_says_otherwise_than_both_its_neighbours_is_outvoted():
    kept = steadied([1.0, 1.0, 0.0, 1.0, 1.0], step_ms=20.0)
    assert all(value > 0.5 for value in kept)


def test_a_structure_that_goes_away_goes_away_then():
    kept = steadied([1.0, 1.0, 0.0, 0.0, 0.0], step_ms=20.0)
    assert [value > 0.5 for value in kept] == [True, True, False, False, False]


def test_weights_are_those_of_a_gaussian_in_time():
    weight = math.exp(-0.5)
    assert steadied([0.0, 1.0, 0.0], SIGMA_MS) == pytest.approx(
        [2 * weight / (1 + 2 * weight), 1 / (1 + 2 * weight), weight / (1 + weight)]
    )


def test_frames_far_apart_in_time_stay_as_they_are():
    assert steadied([0.0, 1.0, 0.0], step_ms=200.0) == pytest.approx([0.0, 1.0, 0.0], abs=1e-6)


@pytest.mark.parametrize("values", [[], [0.0]])
def test_nothing_and_one_frame(values):
    assert len(steadied(values, 20.0)) == len(values)


def test_frames_are_taken_as_they_come():
    taken = []

    def frames():
        for i in range(10):
            taken.append(i)
            yield DRAWN

    next(steady(DRAWN, frames(), 20.0))
    assert taken == [0, 1]
