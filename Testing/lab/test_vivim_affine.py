"""The network behind the affine constraint."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from medvos_lab.vivim import affine
from medvos_lab.vivim.affine import AffineNet, errors, identity, kept_affine, pretrained_affine
from medvos_lab.vivim.losses import edges


def contours(count: int = 24) -> torch.Tensor:
    """Of hearts: an oval LV in its wall, and an RV to the left of it."""
    y, x = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    size = torch.linspace(7, 14, count)[:, None, None]
    away = ((x - 36) ** 2 / 1.2 + (y - 32) ** 2).sqrt()
    labels = torch.where(away < size, 3, torch.where(away < size + 5, 2, 0))
    right = ((x - 24) ** 2 + (y - 32) ** 2 < (size + 4) ** 2) & (labels == 0)
    return edges(torch.where(right, 1, labels), 64)


def moved_sideways(known: torch.Tensor, by: float) -> torch.Tensor:
    transform = torch.tensor([[1.0, 0, by], [0, 1, 0]]).expand(len(known), -1, -1)
    grid = F.affine_grid(transform, [len(known), 1, 64, 64], align_corners=False)
    return F.grid_sample(known[:, None], grid, align_corners=False)[:, 0]


def test_it_tells_transforms_better_than_no_motion_and_then_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(affine, "STEPS", 250)
    known = contours()
    network = pretrained_affine(known[::2])
    found, none = errors(network, known[1::2])
    assert found < 0.7 * none
    right, left = (moved_sideways(known, by) for by in (0.25, -0.25))
    assert float(network(known, right)[:, 0, 2].mean()) > 0.15
    assert float(network(known, left)[:, 0, 2].mean()) < -0.15
    assert float(network.distance(known, right)) > 1.5 * float(network.distance(known, known))
    assert not any(p.requires_grad for p in network.parameters())


def test_what_is_predicted_learns_from_it(monkeypatch):
    monkeypatch.setattr(affine, "STEPS", 100)
    network = pretrained_affine(contours())
    drawn = contours(2)
    predicted = moved_sideways(drawn, 0.2).requires_grad_()
    distance = network.distance(predicted, drawn)
    distance.backward()
    with torch.no_grad():
        a_step = 0.1 * distance / predicted.grad.square().sum() * predicted.grad
        assert network.distance(predicted - a_step, drawn) < 0.95 * distance


def test_no_transform_is_the_identity_and_an_untrained_network_tells_none():
    assert identity(torch.zeros(1)).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert AffineNet().distance(contours(2), contours(2).roll(9, -1)).detach() == 0


def test_it_is_trained_once_for_the_same_contours(monkeypatch, tmp_path):
    monkeypatch.setattr(affine, "STEPS", 3)
    first = kept_affine(contours(), tmp_path)
    monkeypatch.setattr(affine, "pretrained_affine", lambda _: AffineNet())
    again, other = kept_affine(contours(), tmp_path), kept_affine(contours()[1:], tmp_path)
    weights = [torch.cat([p.flatten() for p in network.parameters()]) for network in (first, again, other)]
    torch.testing.assert_close(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert not any(p.requires_grad for p in again.parameters())
