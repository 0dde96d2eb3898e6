"""The TCMN network, in the paper's and the compact configuration."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import torch
from tiny_tcmn import a_tcmn
from torch import Tensor

from medvos.models.fold import fold_batchnorm
from medvos.models.tcmn.config import TCMN_COMPACT, TCMN_PAPER, TcmnConfig
from medvos.models.tcmn.network import Memory, Tcmn

SIZE = (32, 32)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def a_memory(network: Tcmn, clips: int = 2, structures: int = 1, entries: int = 1) -> Memory:
    parts = []
    for i in range(entries):
        frame = network.encode_frame(noise(clips, *SIZE, seed=10 + i))
        masks = (noise(clips, structures, *SIZE, seed=20 + i) > 0.5).float()
        parts.append(Memory.of(frame, network.encode_masks(frame, masks)))
    return parts[0].and_also(*parts[1:])


def everything(batch: int, structures: int = 1) -> Tensor:
    return torch.ones(batch, structures, dtype=torch.bool)


@torch.no_grad()
def test_the_paper_configuration_has_the_paper_s_sizes():
    torch.manual_seed(0)
    network = Tcmn(TCMN_PAPER).eval()
    frame = network.encode_frame(noise(1, 64, 64))
    assert frame.query.shape == frame.key.shape == (1, 64, 4, 4)
    assert frame.base.shape == (1, 1024, 4, 4)
    values = network.encode_masks(frame, noise(1, 2, 64, 64))
    assert values.shape == (1, 2, 512, 4, 4)
    assert network.segment(frame, Memory.of(frame, values), everything(1, 2), (64, 64)).shape == (1, 3, 64, 64)
    assert TCMN_PAPER.side == 384


def test_the_compact_weights_take_under_10_mb_in_half_precision():
    assert sum(tensor.numel() for tensor in Tcmn(TCMN_COMPACT).state_dict().values()) * 2 < 10e6


@torch.no_grad()
def test_the_compact_network_matches_at_stride_8():
    frame = Tcmn(TCMN_COMPACT).eval().encode_frame(noise(1, 112, 112))
    assert frame.query.shape == frame.key.shape == (1, 32, 14, 14)


@torch.no_grad()
def test_probabilities_are_a_distribution_and_what_was_not_drawn_is_nowhere():
    network = a_tcmn()
    seeded = torch.tensor([[True, False], [False, True]])
    found = network.segment(network.encode_frame(noise(2, *SIZE)), a_memory(network, 2, 2), seeded, SIZE).softmax(1)
    torch.testing.assert_close(found.sum(1), torch.ones(2, *SIZE))
    largest = found[:, 1:].amax((2, 3))
    assert (largest[~seeded] < 1e-6).all() and (largest[seeded] > 0.01).all()


@torch.no_grad()
def test_frames_of_one_clip_look_up_one_memory_as_each_would_by_itself():
    network = a_tcmn()
    memory, frames = a_memory(network, 1, 2, entries=3), network.encode_frame(noise(4, *SIZE))
    together = network.segment(frames, memory, everything(4, 2), SIZE)
    alone = [network.segment(frames.at(slice(i, i + 1)), memory, everything(1, 2), SIZE) for i in range(4)]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_each_clip_of_a_batch_has_its_own_memory():
    network = a_tcmn()
    memory, frames = a_memory(network, 3, entries=2), network.encode_frame(noise(3, *SIZE))
    together = network.segment(frames, memory, everything(3), SIZE)
    own = Memory(memory.keys[1:2], memory.values[1:2])
    alone = network.segment(frames.at(slice(1, 2)), own, everything(1), SIZE)
    torch.testing.assert_close(together[1:2], alone, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_structures_do_not_see_each_other_but_compete_for_pixels():
    network = a_tcmn()
    frame = network.encode_frame(noise(1, *SIZE))
    masks = (noise(1, 2, *SIZE, seed=5) > 0.5).float()
    both, first = network.encode_masks(frame, masks), network.encode_masks(frame, masks[:, :1])
    torch.testing.assert_close(both[:, :1], first, atol=1e-5, rtol=1e-5)
    alone = network.segment(frame, Memory.of(frame, first), everything(1), SIZE).softmax(1)
    shared = network.segment(frame, Memory.of(frame, both), everything(1, 2), SIZE).softmax(1)
    assert (shared[:, 1] - alone[:, 1]).abs().max() > 0.01
    torch.testing.assert_close(shared.sum(1), torch.ones(1, *SIZE))


@torch.no_grad()
def test_the_nearest_key_by_squared_distance_is_read():
    network = a_tcmn()
    keys = 20 * torch.eye(16)[:, :8].T.reshape(1, 1, 8, 4, 4)  # eight places far apart, eight at the origin
    values = torch.arange(16.0).reshape(1, 1, 1, 1, 4, 4).expand(-1, -1, -1, 12, -1, -1)
    query = keys[:, 0].flip(-1)
    read = network._read(query, Memory(keys, values))
    torch.testing.assert_close(read[0, 0, :, :2], values[0, 0, 0, :, :2].flip(-1), atol=1e-3, rtol=1e-3)


def test_every_parameter_learns():
    network = a_tcmn().train()
    frame = network.encode_frame(noise(2, *SIZE))
    values = network.encode_masks(frame, noise(2, 1, *SIZE))
    query = network.encode_frame(noise(2, *SIZE, seed=1))
    memory = Memory.of(frame, values)
    network.segment(query, memory, everything(2), SIZE).square().mean().backward()
    assert [name for name, p in network.named_parameters() if p.grad is None] == []


@pytest.mark.usefixtures("single_precision")
@torch.no_grad()
def test_folding_the_normalisations_changes_nothing():
    network = a_tcmn()
    memory, frame = a_memory(network), network.encode_frame(noise(2, *SIZE))
    expected = network.segment(frame, memory, everything(2), SIZE)
    fold_batchnorm(network)
    memory, frame = a_memory(network), network.encode_frame(noise(2, *SIZE))
    torch.testing.assert_close(network.segment(frame, memory, everything(2), SIZE), expected, atol=1e-2, rtol=1e-2)


@pytest.mark.parametrize("config", [TCMN_COMPACT, TCMN_PAPER])
def test_a_configuration_survives_json(config):
    assert TcmnConfig.of(json.loads(json.dumps(asdict(config)))) == config
