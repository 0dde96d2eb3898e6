"""Probability of obstruction, and how sure its mask is."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from medvos.errors import InputError
from medvos.uncertainty.obstruction_calibration import (
    ObstructionCalibration,
    above_threshold,
    expected_overlap,
    probability_of,
    probability_of_error,
    slice_scores,
)

HALVED = ObstructionCalibration(probability=(-1.0, 1.0, 0.0), threshold=(0.2,))


def test_the_constants_make_probabilities_inside_the_wall_alone():
    raw = torch.tensor([0.5, 0.5, 0.0, 1.0])
    wall = torch.tensor([True, False, True, True])
    probability = probability_of(raw, torch.zeros(4), wall, HALVED)
    assert probability.tolist() == pytest.approx([torch.tensor(-1.0).sigmoid().item(), 0, 0, 1], abs=1e-4)
    assert above_threshold(probability[None, None], HALVED).tolist() == [[[True, False, False, True]]]
    unsure = ObstructionCalibration(probability=(0.0, 1.0, -2.0))
    assert probability_of(raw, torch.full((4,), 0.25), wall, unsure)[0] == torch.tensor(-1.0).sigmoid()


def test_components_with_far_less_expected_volume_than_the_largest_are_discarded():
    probability = torch.full((3, 8, 8), 0.1)  # in all of which more is expected than in any component
    probability[0, 0, :3] = 0.5
    probability[1, 1, 3:6] = 0.5  # hangs on a corner of the slice below
    probability[2, 6:8, 2:4] = 0.3
    probability[0, 7, 7] = 0.9
    whole = probability > HALVED.threshold[0]
    assert torch.equal(above_threshold(probability, HALVED), whole)
    quarter, half = (
        above_threshold(probability, replace(HALVED, component_fraction=(fraction,))) for fraction in (0.35, 0.5)
    )
    whole[0, 7, 7] = False  # the likeliest voxel, but alone
    assert torch.equal(quarter, whole)
    whole[2] = False
    assert torch.equal(half, whole)
    nothing = torch.zeros(2, 4, 4)
    assert not above_threshold(nothing, replace(HALVED, component_fraction=(0.5,))).any()


def test_an_error_is_as_likely_as_the_other_answer():
    probability, found = torch.tensor([0.3, 0.3]), torch.tensor([True, False])
    assert probability_of_error(probability, found).tolist() == pytest.approx([0.7, 0.3])


def test_expected_overlap_is_that_of_masks_drawn_by_the_probabilities():
    generator = torch.Generator().manual_seed(0)
    probability = torch.rand(1, 60, 60, generator=generator) ** 2
    found = probability > 0.3
    truths = torch.rand(200, 60, 60, generator=generator) < probability
    dice = 2 * (truths & found).sum((1, 2)) / (truths.sum((1, 2)) + found.sum())
    assert expected_overlap(probability, found).item() == pytest.approx(dice.mean().item(), abs=0.005)


def test_where_nothing_is_found_the_likeliest_place_decides():
    probability = torch.zeros(2, 4, 4)
    probability[1, 1, 1] = 0.4
    nothing = torch.zeros(2, 4, 4, dtype=torch.bool)
    assert expected_overlap(probability, nothing).tolist() == pytest.approx([1, 0.6])
    scores = slice_scores(probability, nothing, ObstructionCalibration())
    assert scores.tolist() == pytest.approx([0, 0.4], abs=1e-4)


def test_constants_of_another_version_are_named():
    with pytest.raises(InputError, match="voxel, slice of the MVO weights do not fit"):
        ObstructionCalibration.of({"voxel": [0.0, 1.0, 0.0], "slice": [0.0, 1.0]})
