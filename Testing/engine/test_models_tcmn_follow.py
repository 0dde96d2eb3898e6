from __future__ import annotations

import torch
from tiny_tcmn import SIDE, a_tcmn

from medvos.models.tcmn import follow as module
from medvos.models.tcmn.bank import EVERY
from medvos.models.tcmn.follow import follow, remember
from medvos.models.tcmn.network import Memory


def some_images(count: int) -> torch.Tensor:
    return torch.rand(count, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def a_drawn_frame(network, structures: int = 1) -> Memory:
    masks = torch.zeros(structures, SIDE, SIDE)
    masks[0, 8:16, 8:24] = 1
    masks[1:, 16:24] = 1
    return remember(network, some_images(1)[0] + 0.1, masks)


@torch.no_grad()
def one_by_one(network, drawn: Memory, images: torch.Tensor) -> torch.Tensor:
    """As the paper has it: each frame by itself, every fifth remembered."""
    memory, found = drawn, []
    seeded = torch.ones(1, drawn.values.shape[2], dtype=torch.bool)
    for number, image in enumerate(images):
        frame = network.encode_frame(image[None])
        found.append(network.segment(frame, memory, seeded, (SIDE, SIDE)).softmax(1))
        if (number + 1) % EVERY == 0:
            memory = memory.and_also(Memory.of(frame, network.encode_masks(frame, found[-1][:, 1:])))
    return torch.cat(found)


def test_every_fifth_frame_is_remembered_and_five_at_a_time_are_as_one_by_one():
    network, images = a_tcmn(), some_images(13)
    drawn = a_drawn_frame(network, 2)
    found = torch.stack(list(follow(network, drawn, images)))
    assert found.shape == (13, 3, SIDE, SIDE)
    torch.testing.assert_close(found, one_by_one(network, drawn, images), atol=1e-4, rtol=1e-3)


def test_a_clip_without_frames_has_no_result():
    network = a_tcmn()
    assert list(follow(network, a_drawn_frame(network), [])) == []


def test_results_come_while_the_clip_is_still_being_read():
    network, read = a_tcmn(), []

    def images():
        for number, image in enumerate(some_images(12)):
            read.append(number)
            yield image

    found = follow(network, a_drawn_frame(network), images())
    next(found)
    assert len(read) == EVERY


def test_memory_does_not_grow_with_the_clip(monkeypatch):
    network, sizes = a_tcmn(), []

    class Watched(module.Bank):
        def add(self, entry):
            super().add(entry)
            sizes.append(self.memory.keys.shape[1])

    monkeypatch.setattr(module, "Bank", lambda drawn: Watched(drawn, free_bytes=0))
    assert len(list(follow(network, a_drawn_frame(network), some_images(25)))) == 25
    assert sizes == [2] * 5


def test_what_was_improved_is_yielded_and_remembered():
    network, images, seen = a_tcmn(), some_images(EVERY + 1), []
    drawn = a_drawn_frame(network)

    def improved(stacked, probabilities):
        seen.append(probabilities)
        return torch.zeros_like(probabilities).index_fill_(1, torch.tensor(1), 1.0)

    found = torch.stack(list(follow(network, drawn, images, improved)))
    assert (found[:, 1] == 1).all()
    usual = torch.stack(list(follow(network, drawn, images)))
    torch.testing.assert_close(seen[0], usual[:EVERY])
    assert (seen[1] - usual[EVERY:]).abs().max() > 1e-3  # by another memory
