"""A training step's forward pass."""

from __future__ import annotations

import torch
from tiny_network import a_network

from medvos.models.cstm.network import Entry, Memory
from medvos_lab.cstm.triplet_model import TripletModel


@torch.no_grad()
def test_each_prediction_becomes_memory_for_the_next():
    network = a_network()
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(2, 3, 3, 64, 64, generator=generator)
    masks = (torch.rand(2, 3, 64, 64, generator=generator) > 0.7).float()
    seeded = torch.ones(2, 3, dtype=torch.bool)
    found = TripletModel(network)(images, masks, seeded)
    frames = [network.encode_frame(images[:, i]) for i in range(3)]
    seed = Entry.of(frames[0], network.encode_masks(frames[0], masks))
    second = network.segment(frames[1], Memory.of([seed]), seeded)
    soft = second.logits.softmax(1)[:, 1:]
    third = network.segment(
        frames[2], Memory.of([seed, Entry.of(frames[1], network.encode_masks(frames[1], soft))]), seeded
    )
    assert len(found) == 2
    torch.testing.assert_close(found[0].logits, second.logits, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(found[1].logits, third.logits, atol=1e-2, rtol=1e-2)


def test_the_last_frame_teaches_through_the_second_one():
    network = a_network()
    images = torch.randn(1, 3, 3, 64, 64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    masks = torch.zeros(1, 3, 64, 64)
    masks[:, :, 20:40, 20:40] = 1 / 3
    TripletModel(network)(images, masks, torch.ones(1, 3, dtype=torch.bool))[1].logits.square().sum().backward()
    assert images.grad is not None
    assert (images.grad.abs().sum((2, 3, 4)) > 0).all()
