from __future__ import annotations

import pytest
import torch
from tiny_echo import an_echo_network

from medvos_lab.echo.batches import EchoBatch
from medvos_lab.echo.losses import consistency_loss, consistency_weight, mean_teacher_loss, supervised_loss

MASK = torch.zeros(2, 1, 8, 8).index_fill_(2, torch.arange(3), 1.0)
KNOWN = torch.ones(2, 1, dtype=torch.bool)


def test_a_sure_and_right_answer_costs_nothing_and_a_wrong_one_much():
    sure = (2 * MASK - 1) * 20
    assert supervised_loss(sure, MASK.bool(), KNOWN) < 1e-4
    assert supervised_loss(-sure, MASK.bool(), KNOWN) > 5


def test_half_is_dice_and_half_is_cross_entropy():
    loss = supervised_loss(torch.zeros(2, 1, 8, 8), MASK.bool(), KNOWN)
    overlap, total = 24 * 0.5, 24 + 64 * 0.5**2  # squares in the denominator
    dice = 1 - (2 * overlap + 1) / (total + 1)
    assert loss.item() == pytest.approx(0.5 * dice + 0.5 * torch.log(torch.tensor(2.0)).item(), rel=1e-5)


def test_a_structure_that_was_not_drawn_is_unknown_and_not_absent():
    logits = torch.zeros(2, 3, 8, 8, requires_grad=True)
    masks = torch.zeros(2, 3, 8, 8, dtype=torch.bool)
    known = torch.tensor([[True, False, False], [True, True, False]])
    supervised_loss(logits, masks, known).backward()
    assert (logits.grad.abs().sum((2, 3)) > 0).tolist() == known.tolist()


def test_student_and_teacher_who_agree_cost_nothing_however_unsure_they_are():
    logits = torch.randn(2, 8, 8)
    assert consistency_loss(logits, logits).item() == pytest.approx(0, abs=1e-6)


def test_disagreement_is_squared_error_and_divergence():
    student, teacher = torch.full((1, 2, 2), 0.0), torch.full((1, 2, 2), 2.0)
    p, q = torch.tensor(0.5), torch.sigmoid(teacher[0, 0, 0])
    divergence = p * torch.log(p / q) + (1 - p) * torch.log((1 - p) / (1 - q))  # KL(student, teacher)
    expected = 0.5 * (p - q) ** 2 + 0.5 * divergence
    assert consistency_loss(student, teacher).item() == pytest.approx(expected.item(), rel=1e-5)
    assert consistency_loss(teacher, student).item() != pytest.approx(expected.item(), rel=0.01)


def test_sure_answers_give_finite_losses_and_gradients():
    student = torch.tensor([[[60.0, -60.0]]], requires_grad=True)
    loss = consistency_loss(student, torch.tensor([[[-60.0, 60.0]]]))
    loss.backward()
    assert loss.isfinite() and student.grad.isfinite().all()


def test_the_teacher_counts_more_and_more():
    assert [consistency_weight(t) for t in (0.0, 0.5, 1.0)] == [0.0, 0.25, 1.0]


def test_the_teacher_teaches_more_and_more_and_learns_nothing_itself():
    student, teacher = an_echo_network(), an_echo_network()
    with torch.no_grad():
        teacher.decoder.logits.bias.fill_(3.0)
    masks, known = torch.zeros(2, 3, 32, 32, dtype=torch.bool), torch.ones(2, 3, dtype=torch.bool)
    batch = EchoBatch(torch.rand(2, 3, 32, 32), masks, known, torch.rand(2, 1, 3, 32, 32))
    early, late = (mean_teacher_loss(student, teacher, batch, progress) for progress in (0.0, 1.0))
    assert late > early + 0.1
    late.backward()
    assert all(weight.grad is None for weight in teacher.parameters())
    assert any(weight.grad is not None for weight in student.parameters())
