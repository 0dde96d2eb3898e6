from __future__ import annotations

import torch
from tiny_tcmn import SIDE, a_tcmn

from medvos.models.tcmn.network import Memory
from medvos_lab.tcmn.rollout import Rollout


@torch.no_grad()
def test_the_third_frame_remembers_the_seed_and_the_second_frame_s_soft_prediction():
    network = a_tcmn()
    images = torch.rand(2, 3, SIDE, SIDE)
    masks = (torch.rand(2, 2, SIDE, SIDE) > 0.5).float()
    seeded = torch.ones(2, 2, dtype=torch.bool)
    output = Rollout(network)(images, masks, seeded)
    frames = [network.encode_frame(images[:, i]) for i in range(3)]
    memory = Memory.of(frames[0], network.encode_masks(frames[0], masks))
    second = network.segment(frames[1], memory, seeded, (SIDE, SIDE))
    soft = network.encode_masks(frames[1], second.softmax(1)[:, 1:])
    third = network.segment(frames[2], memory.and_also(Memory.of(frames[1], soft)), seeded, (SIDE, SIDE))
    torch.testing.assert_close(output.logits, (second, third), atol=1e-3, rtol=1e-3)
    assert [values.shape for values in output.values] == [(2, 2, 12, 4, 4)] * 3
    torch.testing.assert_close(output.values[1], soft, atol=1e-3, rtol=1e-3)
