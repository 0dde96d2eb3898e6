"""The loss, and what it makes of structures that nobody drew."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from medvos.models.vivim.network import Prediction
from medvos_lab.vivim.affine import AffineNet
from medvos_lab.vivim.losses import affine_constraint, clip_loss, edges, iou_loss, known_log_probabilities

ALL = torch.ones(1, 4, dtype=torch.bool)
CAVITY = torch.tensor([[True, False, False, True]])


def sure(labels: torch.Tensor) -> torch.Tensor:
    """Logits (…, 4, H, W) of a network that is sure of these labels."""
    return 20 * F.one_hot(labels, 4).movedim(-1, -3).float()


def some_labels() -> torch.Tensor:
    labels = torch.zeros(1, 2, 16, 16, dtype=torch.long)
    labels[:, :, 2:8, 2:8] = 1
    labels[:, :, 8:14, 4:14] = 2
    labels[:, :, 10:12, 8:12] = 3
    return labels


def loss_of(drawn: torch.Tensor, truth: torch.Tensor, known: torch.Tensor) -> float:
    contours = edges(drawn.flatten(0, 1), 16)
    prediction = Prediction(sure(drawn), (20 * contours - 10).unflatten(0, drawn.shape[:2]))
    return float(clip_loss(prediction, truth, known, None))


def test_the_truth_costs_nothing_and_everything_else_something():
    truth = some_labels()
    assert loss_of(truth, truth, ALL) < 1e-3
    assert loss_of(truth.roll(1, -1), truth, ALL) > 0.5


def test_what_was_not_drawn_may_be_anywhere_outside():
    whole = some_labels()
    cavity = torch.where(whole == 3, 3, 0)
    assert loss_of(whole, cavity, CAVITY) < 1e-3
    assert loss_of(whole, cavity, ALL) > 0.5
    assert loss_of(torch.where(whole == 3, 2, whole), cavity, CAVITY) > 0.5


def test_probabilities_of_the_unknown_are_the_background_s():
    logits = torch.randn(2, 4, 3, 3, requires_grad=True)
    known = torch.cat([ALL, CAVITY])
    p, whole = known_log_probabilities(logits, known).exp(), logits.softmax(1)
    torch.testing.assert_close(p[0], whole[0])
    torch.testing.assert_close(p[1, 0], whole[1, :3].sum(0))
    torch.testing.assert_close(p[1, 3], whole[1, 3])
    known_log_probabilities(logits, known)[:, 0].sum().backward()
    assert logits.grad.isfinite().all()


def test_iou_is_that_of_sets():
    truth = some_labels()[0]
    found = F.one_hot(truth.roll(2, -1), 4).movedim(-1, 1).float()
    expected = []
    for label in (1, 2, 3):
        a, b = truth == label, truth.roll(2, -1) == label
        expected.append(float((a & b).sum() + 1) / float((a | b).sum() + 1))
    assert abs(float(iou_loss(found, truth, ALL.expand(2, -1))) - (1 - sum(expected) / 3)) < 1e-6


def test_edges_are_where_labels_meet_and_not_at_the_rim():
    labels = torch.zeros(1, 8, 8, dtype=torch.long)
    labels[:, :, 4:] = 2
    assert edges(labels, 8)[0, 3].tolist() == [0, 0, 0, 1, 1, 0, 0, 0]
    assert edges(labels, 4)[0, 1].tolist() == [0, 1, 1, 0]
    assert not edges(torch.ones_like(labels), 8).any()


class Shifted(AffineNet):
    """In place of a trained constraint: the shift of the contours' centre."""

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        ticks = torch.linspace(-1, 1, first.shape[-1])
        centres = [(maps.sum(1) * ticks).sum(1) / maps.sum((1, 2)) for maps in (first, second)]
        found = torch.eye(2, 3).repeat(len(first), 1, 1)
        return found + F.pad((centres[1] - centres[0])[:, None, None], (2, 0, 0, 1))


def test_the_affine_constraint_counts_with_the_weight_of_the_paper():
    """A shift by a pixel of 16 is worth 0.3 of its norm in half fields."""
    truth = some_labels()
    contours = edges(truth.flatten(0, 1).roll(1, -1), 16)
    prediction = Prediction(sure(truth), (60 * contours - 30).unflatten(0, (1, 2)))
    with_it, without = (float(clip_loss(prediction, truth, ALL, affine)) for affine in (Shifted(), None))
    # Both frames have the same truth, so the second is as far from the first frame's contours as from its own.
    assert abs(with_it - without - 0.3 * (1 - 0.01 / 2) * 2 / 15) < 1e-4


def test_the_adversarial_half_pushes_a_frame_off_the_first_frame_s_contours():
    """Equation 8: at its own contours a frame gains 0.01 of what it has moved from the first frame of its clip."""
    first = edges(some_labels()[0, :1], 16)
    drawn = torch.cat([first, first.roll(1, -1), first.roll(-1, -1), first.roll(-1, -1)])  # two clips of two frames
    whole = float(affine_constraint(drawn, drawn, 2, Shifted()))
    assert abs(whole + 0.01 * (1 + 0) * 2 / 15 / 4) < 1e-6
    assert float(affine_constraint(drawn, drawn, 2, Shifted(), away=0)) == 0
    assert float(affine_constraint(drawn, drawn, 1, Shifted())) == 0  # a clip of one frame has no other
    seen = drawn.clone().requires_grad_()
    affine_constraint(seen, drawn, 2, Shifted()).backward()
    assert seen.grad[1].abs().sum() > 0


def test_contours_can_be_left_out_of_the_loss():
    truth = some_labels()
    wrong = Prediction(sure(truth), torch.full((1, 2, 16, 16), 5.0))
    assert float(clip_loss(wrong, truth, ALL, None, contours=False)) < 1e-3 < float(clip_loss(wrong, truth, ALL, None))
