from __future__ import annotations

import pytest
import torch

from medvos_lab.tcmn.batches import TcmnBatch
from medvos_lab.tcmn.losses import EPSILON, loss_of_output, temporal_contrastive_loss
from medvos_lab.tcmn.rollout import RolloutOutput

PATTERNS = torch.tensor([[1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]])


def at(*degrees: float) -> list[torch.Tensor]:
    """(1, 1, 1, 2, 2) values, patterns in space that point in these directions."""
    angles = torch.deg2rad(torch.tensor(degrees))
    return [(torch.stack([a.cos(), a.sin()]) @ PATTERNS).reshape(1, 1, 1, 2, 2) for a in angles]


EVERYTHING = torch.ones(1, 1, dtype=torch.bool)


def a_batch(judged: tuple[bool, bool, bool] = (True, True, True)) -> TcmnBatch:
    targets = torch.ones(1, 3, 32, 32).long()
    return TcmnBatch(torch.zeros(1, 3, 32, 32), targets, EVERYTHING, torch.tensor([judged]))


def test_it_is_the_paper_s_quotient():
    expected = (2 - 2 * 0.5**0.5) / (1 + EPSILON)
    assert temporal_contrastive_loss(*at(0, 45, 90), EVERYTHING).item() == pytest.approx(expected, abs=1e-5)


def test_what_all_frames_share_does_not_count():
    values = at(0, 45, 90)
    shifted = [value + 1000 for value in values]
    found, expected = (temporal_contrastive_loss(*each, EVERYTHING).item() for each in (shifted, values))
    assert found == pytest.approx(expected, rel=1e-3)


def test_frames_that_become_alike_are_not_rewarded():
    """The differences of trained values, of about a thousandth, cost as much as large ones."""
    wide, narrow = (temporal_contrastive_loss(*at(0, d / 2, d), EVERYTHING).item() for d in (40, 4))
    assert narrow == pytest.approx(wide, rel=0.1)


def test_the_gradient_takes_distant_frames_apart():
    values = [value.requires_grad_() for value in at(0, 2, 3)]
    temporal_contrastive_loss(*values, EVERYTHING).backward()
    first, _, third = (value.detach() - 1e-4 * value.grad for value in values)
    before = torch.cosine_similarity(*(v.detach().flatten() for v in (values[0], values[2])), 0)
    assert torch.cosine_similarity(first.flatten(), third.flatten(), 0) < before


def test_values_in_order_of_time_cost_less_than_values_out_of_order():
    in_order, out_of_order = (temporal_contrastive_loss(*at(*d), EVERYTHING) for d in ((0, 45, 90), (0, 90, 45)))
    assert in_order < 0.5 * out_of_order


def test_frames_that_are_all_alike_cost_nothing_and_have_a_finite_gradient():
    values = [v.requires_grad_() for v in at(30, 30, 30)]
    loss = temporal_contrastive_loss(*values, EVERYTHING)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=0.01)  # rounding errors over eps
    assert all(v.grad.isfinite().all() for v in values)


def test_structures_that_were_not_drawn_do_not_count():
    drawn, other = at(0, 45, 90), at(0, 90, 0)
    both = [torch.cat(pair, 1) for pair in zip(drawn, other, strict=True)]
    found = temporal_contrastive_loss(*both, torch.tensor([[True, False]]))
    torch.testing.assert_close(found, temporal_contrastive_loss(*drawn, EVERYTHING))


def test_the_contrastive_loss_can_be_switched_off():
    logits = torch.zeros(1, 2, 32, 32)
    values = tuple(torch.rand(1, 1, 12, 4, 4) for _ in range(3))
    batch = a_batch()
    output = RolloutOutput((logits, logits), values)
    with_it, without = (loss_of_output(output, batch, 0.0, weight) for weight in (0.05, 0.0))
    expected = 0.05 * temporal_contrastive_loss(*values, batch.seeded)
    torch.testing.assert_close(with_it - without, expected)


def test_a_frame_without_a_target_teaches_by_the_contrastive_loss_alone():
    logits = tuple(torch.zeros(1, 2, 32, 32, requires_grad=True) for _ in range(2))
    values = tuple(torch.rand(1, 1, 12, 4, 4, requires_grad=True) for _ in range(3))
    loss_of_output(RolloutOutput(logits, values), a_batch((True, False, True)), 0.0, 0.05).backward()
    assert logits[0].grad is None and logits[1].grad.any()
    assert values[1].grad.any()
