"""The network behind the affine constraint."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from medvos.train.vivim import affine
from medvos.train.vivim.affine import AffineNet, identity, pretrained_affine
from medvos.train.vivim.losses import edges


def contours(count: int = 24) -> torch.Tensor:
    y, x = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    size = torch.linspace(8, 22, count)[:, None, None]
    return edges((((x - 32) ** 2 / 1.5 + (y - 30) ** 2) < size**2).long(), 64)


def test_it_learns_to_tell_transforms_and_then_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(affine, "STEPS", 250)
    torch.manual_seed(0)
    known = contours()
    network = pretrained_affine(known)
    shift = torch.tensor([[1.0, 0, 0.25], [0, 1, 0]]).expand(len(known), -1, -1)
    moved = F.grid_sample(
        known[:, None], F.affine_grid(shift, [len(known), 1, 64, 64], align_corners=False), align_corners=False
    )[:, 0]
    told = network(known, moved)[:, 0, 2]
    back = network(moved, known)[:, 0, 2]
    assert float(told.mean()) > 0.1 > -0.05 > float(back.mean())
    assert float(network.distance(known, moved)) > 1.5 * float(network.distance(known, known))
    assert not any(p.requires_grad for p in network.parameters())


def test_what_is_predicted_learns_from_it():
    predicted = contours(2).requires_grad_()
    AffineNet().distance(predicted, contours(2).roll(3, -1)).backward()
    assert float(predicted.grad.abs().sum()) > 0


def test_no_transform_is_the_identity():
    assert identity(torch.zeros(1)).tolist() == [[1, 0, 0], [0, 1, 0]]
