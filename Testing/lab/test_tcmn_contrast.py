"""The temporal contrastive loss at work on a network's own memory."""

from __future__ import annotations

import torch
from tiny_echo import an_lv
from tiny_tcmn import SIDE, a_tcmn

from medvos_lab.tcmn.losses import temporal_contrastive_loss
from medvos_lab.tcmn.rollout import Rollout

EVERYTHING = torch.ones(1, 1, dtype=torch.bool)


def a_contraction() -> tuple[torch.Tensor, torch.Tensor]:
    """Three frames (1, 3, H, W) from ED to ES, and the mask (1, 1, H, W) of the first."""
    masks = torch.stack([torch.from_numpy(an_lv(radius)) for radius in (SIDE / 4, SIDE / 5, SIDE / 7)])
    return torch.where(masks, -2.0, 1.0)[None], masks[None, :1].float()


def memory_values(network: Rollout) -> tuple[torch.Tensor, ...]:
    images, mask = a_contraction()
    return network(images, mask, EVERYTHING).values


def apart(values: tuple[torch.Tensor, ...]) -> float:
    """Return how far ED is from ES for how far neighbours are from each other, by squared distances."""
    before, present, after = (value.detach().flatten() for value in values)
    near = (before - present).square().sum() + (present - after).square().sum()
    return float((before - after).square().sum() / near)


def test_the_memory_of_a_network_learns_to_tell_ed_from_es():
    network = Rollout(a_tcmn())
    optimiser = torch.optim.Adam(network.network.mask_encoder.parameters(), lr=1e-2)
    first = apart(memory_values(network))
    for _ in range(15):
        optimiser.zero_grad()
        temporal_contrastive_loss(*memory_values(network), EVERYTHING).backward()
        optimiser.step()
    assert apart(memory_values(network)) > first + 0.1


def test_every_frame_s_memory_gets_a_gradient_and_ed_and_es_get_opposite_ones():
    values = [value.detach().requires_grad_() for value in memory_values(Rollout(a_tcmn()))]
    temporal_contrastive_loss(*values, EVERYTHING).backward()
    gradients = [value.grad for value in values]
    assert all(gradient.abs().max() > 1e-4 for gradient in gradients)
    stepped = tuple(value.detach() - 1e-2 * gradient for value, gradient in zip(values, gradients, strict=True))
    assert apart(stepped) > apart(tuple(values))
