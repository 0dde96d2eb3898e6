"""How likely a slice's mask is bad."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from medvos.structures import LV
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.slices import expected_dice, slice_scores


def blurred(sure: float, structures: int = 1, side: int = 8) -> Tensor:
    """(1, S + 1, H, W): each structure a column of its own, believed with probability `sure`, as is the rest."""
    labels = torch.zeros(side, side, dtype=torch.int64)
    for s in range(structures):
        labels[:, s] = s + 1
    one_hot = torch.nn.functional.one_hot(labels, structures + 1).permute(2, 0, 1).float()
    return (one_hot * sure + (1 - one_hot) * (1 - sure) / structures)[None]


def test_a_sure_mask_has_dice_1():
    torch.testing.assert_close(expected_dice(blurred(1.0, 3), torch.ones(1, 3)), torch.ones(1))


def test_it_falls_as_the_mask_gets_doubtful_and_stays_in_bounds():
    sure = torch.cat([blurred(p, 2) for p in (0.6, 0.7, 0.8, 0.9, 1.0)])
    found = expected_dice(sure, torch.ones(5, 2))
    assert (found.diff() > 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_it_is_the_dice_of_the_soft_mask():
    p = blurred(0.9)
    expected = 2 * 8 * 0.9 / (8 * 0.9 + 56 * 0.1 + 8)
    assert expected_dice(p, torch.ones(1, 1)).item() == pytest.approx(expected)


def test_a_structure_left_out_is_right_as_often_as_it_is_absent():
    background = torch.tensor([1.0, 0.0])[None, :, None, None].expand(1, 2, 8, 8)
    assert expected_dice(background, torch.tensor([[0.3]])).item() == pytest.approx(0.7)


def test_a_structure_that_is_surely_absent_has_no_say():
    p = torch.cat([blurred(0.8), torch.zeros(1, 1, 8, 8)], 1)
    torch.testing.assert_close(
        expected_dice(p, torch.tensor([[1.0, 0.0]])), expected_dice(blurred(0.8), torch.ones(1, 1))
    )


def test_an_empty_slice_that_should_be_empty_is_perfect():
    background = torch.tensor([1.0, 0.0])[None, :, None, None].expand(1, 2, 8, 8)
    assert expected_dice(background, torch.zeros(1, 1)).item() == 1


def test_scores_are_chances_that_grow_with_doubt():
    sure = torch.cat([blurred(p) for p in (1.0, 0.9, 0.7, 0.55)])
    found = slice_scores(sure, torch.ones(4, 1), Calibration(slice=(0.5, 1.5)))
    assert (found.diff() > 0).all()
    assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.parametrize("presence", [0.1, 0.6, 1.0])
def test_a_structure_of_the_reader_s_own_has_no_say_in_the_score_of_the_heart(presence):
    heart, calibration = blurred(0.8), Calibration(slice=(0.5, 1.5))
    with_own = torch.cat([heart, torch.zeros(1, 1, 8, 8)], 1)  # the network expects it and finds none
    there = torch.tensor([[1.0, presence]])
    found = slice_scores(with_own, there, calibration, np.array([0, LV, 4], np.uint8))
    torch.testing.assert_close(found, slice_scores(heart, torch.ones(1, 1), calibration))
    alone = slice_scores(with_own, there, calibration, np.array([0, 4, 5], np.uint8))
    torch.testing.assert_close(alone, slice_scores(with_own, there, calibration))
