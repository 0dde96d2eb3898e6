"""Joining structure probabilities into a distribution."""

from __future__ import annotations

import torch

from medvos.models.aggregation import soft_aggregate


def distribution(*probabilities: float) -> torch.Tensor:
    return soft_aggregate(torch.tensor(probabilities)[None, :, None, None]).softmax(1)[0, :, 0, 0]


def test_the_distribution_sums_to_one():
    p = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(soft_aggregate(p).softmax(1).sum(1), torch.ones(2, 4, 4))


def test_odds_stand_in_the_proportion_of_the_joined_odds():
    odds = torch.tensor([0.3 * 0.8, 0.7, 0.2])
    odds = odds / (1 - odds)
    torch.testing.assert_close(distribution(0.7, 0.2), odds / odds.sum())


def test_a_single_structure_keeps_its_side_of_one_half():
    found = torch.stack([distribution(p)[1] for p in (0.1, 0.4, 0.5, 0.6, 0.9)])
    assert (found.diff() > 0).all()
    assert found[2] == 0.5
    torch.testing.assert_close(found[3], torch.tensor(0.36 / (0.36 + 0.16)))


def test_certainty_stays_finite():
    log_odds = soft_aggregate(torch.tensor([1.0, 1.0, 0.0])[None, :, None, None])
    assert log_odds.isfinite().all()
    found = distribution(1.0, 0.0)
    assert found[1] > 0.999999
    assert found[2] < 1e-6


def test_no_claim_is_background():
    assert distribution(0.0, 0.0, 0.0)[0] > 0.999999
