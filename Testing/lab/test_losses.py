"""Losses."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from medvos.models.aggregation import soft_aggregate
from medvos.models.cstm.network import Prediction
from medvos_lab.cstm.losses import sample_loss
from medvos_lab.losses import bootstrapped_cross_entropy, dice_loss, kept_fraction

TARGET = torch.zeros(2, 16, 16, dtype=torch.int64)
TARGET[:, 2:9, 2:7] = 1
TARGET[:, 10:14, 3:12] = 2
SEEDED = torch.ones(2, 2, dtype=torch.bool)


def claimed(target: Tensor, sure: float = 1.0) -> Tensor:
    """Log-odds of structures claimed with probability `sure` where `target` has them."""
    masks = torch.stack([target == 1, target == 2], 1).float()
    return soft_aggregate(masks * sure + (1 - masks) * (1 - sure))


def loss(target: Tensor, presence: Tensor | None = None, seeded: Tensor = SEEDED, progress: float = 0.0) -> float:
    given = torch.full((2, 2), 20.0) if presence is None else presence
    return sample_loss(Prediction(claimed(target), given), TARGET, seeded, progress).item()


def test_perfect_is_nothing_and_the_opposite_is_the_worst():
    assert loss(TARGET) < 0.01
    nothing, opposite = loss(torch.zeros_like(TARGET)), loss((TARGET + 1) % 3)
    assert 1 < nothing < opposite
    assert loss((TARGET + 1) % 3, torch.full((2, 2), -20.0)) > opposite + 1


@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
def test_loss_falls_as_the_prediction_gets_surer(progress):
    presence = torch.zeros(2, 2)
    losses = [
        sample_loss(Prediction(claimed(TARGET, sure), presence), TARGET, SEEDED, progress)
        for sure in (0.55, 0.7, 0.9, 0.99)
    ]
    assert (torch.stack(losses).diff() < 0).all()


def test_the_share_of_kept_pixels_falls_in_the_middle_of_training():
    assert [kept_fraction(p) for p in (0.0, 0.25)] == [1.0, 1.0]
    assert kept_fraction(0.475) == pytest.approx(0.75)
    assert [kept_fraction(p) for p in (0.7, 1.0)] == pytest.approx([0.5, 0.5])


def test_bootstrapping_keeps_the_hardest_pixels_of_each_sample():
    log_odds = torch.zeros(2, 2, 4, 5)
    log_odds[0, 0] = torch.arange(20.0).reshape(4, 5)  # ever surer of background
    target = torch.zeros(2, 4, 5, dtype=torch.int64)
    each = torch.nn.functional.cross_entropy(log_odds, target, reduction="none").flatten(1)
    torch.testing.assert_close(bootstrapped_cross_entropy(log_odds, target, 1.0), each.mean())
    torch.testing.assert_close(bootstrapped_cross_entropy(log_odds, target, 0.25), each[:, :5].mean())


def test_dice_counts_seeded_structures_alone():
    wrong = TARGET.clone()
    wrong[wrong == 2] = 0
    only_first = torch.tensor([[True, False], [True, False]])
    assert dice_loss(claimed(wrong), TARGET, only_first) < 0.01
    assert dice_loss(claimed(wrong), TARGET, SEEDED) == pytest.approx(0.5, abs=0.02)


def test_a_structure_that_is_absent_and_not_claimed_costs_nothing():
    gone = torch.zeros_like(TARGET)
    prediction = Prediction(claimed(gone), torch.full((2, 2), -20.0))
    assert sample_loss(prediction, gone, SEEDED, 0.0) < 0.01


def test_presence_of_structures_nobody_asked_for_costs_nothing():
    only_first = torch.tensor([[True, False], [True, False]])
    right, wrong = torch.tensor([[20.0, 20.0]] * 2), torch.tensor([[20.0, -20.0]] * 2)
    assert loss(TARGET, right, only_first) == loss(TARGET, wrong, only_first)
    assert loss(TARGET, wrong) > loss(TARGET, right) + 0.5
