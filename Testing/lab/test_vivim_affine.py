"""The network behind the affine constraint."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from medvos_lab.vivim import affine
from medvos_lab.vivim.affine import AffineNet, identity, pretrained_affine
from medvos_lab.vivim.losses import edges


def contours(count: int = 24) -> torch.Tensor:
    y, x = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    size = torch.linspace(8, 22, count)[:, None, None]
    return edges((((x - 32) ** 2 / 1.5 + (y - 30) ** 2) < size**2).long(), 64)


def moved_sideways(known: torch.Tensor, by: float) -> torch.Tensor:
    transform = torch.tensor([[1.0, 0, by], [0, 1, 0]]).expand(len(known), -1, -1)
    grid = F.affine_grid(transform, [len(known), 1, 64, 64], align_corners=False)
    return F.grid_sample(known[:, None], grid, align_corners=False)[:, 0]


def test_it_learns_to_tell_transforms_and_then_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(affine, "STEPS", 250)
    torch.manual_seed(0)
    known = contours()
    network = pretrained_affine(known)
    right, left = (moved_sideways(known, by) for by in (0.25, -0.25))
    assert float(network(known, right)[:, 0, 2].mean()) > 0.1
    assert float(network(known, left)[:, 0, 2].mean()) < -0.1
    assert float(network.distance(known, right)) > 1.5 * float(network.distance(known, known))
    assert not any(p.requires_grad for p in network.parameters())


def test_what_is_predicted_learns_from_it():
    predicted = contours(2).requires_grad_()
    AffineNet().distance(predicted, contours(2).roll(3, -1)).backward()
    assert float(predicted.grad.abs().sum()) > 0


def test_no_transform_is_the_identity():
    assert identity(torch.zeros(1)).tolist() == [[1, 0, 0], [0, 1, 0]]
