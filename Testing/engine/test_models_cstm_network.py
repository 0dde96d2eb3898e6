"""The CSTM network, in the paper's and the compact configuration."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
import torch
from tiny_network import TINY, a_network
from torch import Tensor

from medvos.models.cstm.config import CSTM_COMPACT, CSTM_PAPER, CstmConfig
from medvos.models.cstm.encoders import FrameFeatures, Values
from medvos.models.cstm.network import Cstm, Entry, Memory, Prediction


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def some_masks(batch: int, structures: int, side: int = 64) -> Tensor:
    """Rows shared out to the structures, one left for background."""
    masks = torch.zeros(batch, structures, side, side)
    height = side // (structures + 1)
    for s in range(structures):
        masks[:, s, s * height : (s + 1) * height] = 1
    return masks


@torch.no_grad()
def segmented(
    network: Cstm, structures: int, batch: int = 2, seeded: Tensor | None = None
) -> tuple[FrameFeatures, Values, Prediction]:
    frame = network.encode_frame(noise(batch, 3, 64, 64))
    values = network.encode_masks(frame, some_masks(batch, structures))
    query = network.encode_frame(noise(batch, 3, 64, 64, seed=1))
    if seeded is None:
        seeded = torch.ones(batch, structures, dtype=torch.bool)
    return query, values, network.segment(query, Memory.of([Entry.of(frame, values)] * 2), seeded)


def test_the_paper_configuration_has_the_paper_s_sizes():
    torch.manual_seed(0)
    query, values, prediction = segmented(Cstm(CSTM_PAPER).eval(), 3, batch=1)
    assert query.k8.shape == (1, 32, 8, 8)
    assert query.k16.shape == (1, 32, 4, 4)
    assert values.v8.shape == (1, 3, 256, 8, 8)
    assert values.v16.shape == (1, 3, 512, 4, 4)
    assert (CSTM_PAPER.patch, CSTM_PAPER.top_patches, CSTM_PAPER.region) == (6, 4, 384)
    assert prediction.logits.shape == (1, 4, 64, 64)
    assert prediction.presence.shape == (1, 3)


def test_the_compact_weights_take_under_10_mb_in_half_precision():
    assert sum(tensor.numel() for tensor in Cstm(CSTM_COMPACT).state_dict().values()) * 2 < 10e6


@pytest.mark.parametrize(("structures", "groups"), [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3)])
def test_structures_are_encoded_in_groups(structures, groups):
    _, values, prediction = segmented(a_network(), structures)
    assert values.v8.shape == (2, groups, 8, 8, 8)
    assert values.v16.shape == (2, groups, 16, 4, 4)
    assert prediction.logits.shape == (2, structures + 1, 64, 64)
    assert prediction.presence.shape == (2, structures)
    torch.testing.assert_close(prediction.logits.softmax(1).sum(1), torch.ones(2, 64, 64))


def test_a_group_sees_the_sum_of_the_other_groups_masks():
    network = a_network()
    frame = network.encode_frame(noise(1, 3, 64, 64))
    masks = some_masks(1, 6)
    swapped = masks[:, [0, 1, 2, 5, 3, 4]]  # the same sum in the second group
    moved = masks.clone()
    moved[:, 3] = 0
    with torch.no_grad():
        first, same, other = (network.encode_masks(frame, m).v8[:, 0] for m in (masks, swapped, moved))
    torch.testing.assert_close(first, same)
    assert not torch.allclose(first, other, atol=1e-4)


@pytest.mark.parametrize("matching", ["plmm", "dense"])
def test_an_unseeded_structure_is_nowhere(matching):
    seeded = torch.tensor([[True, False, True], [False, True, False]])
    _, _, prediction = segmented(a_network(replace(TINY, matching=matching)), 3, seeded=seeded)
    largest = prediction.logits.softmax(1)[:, 1:].amax((2, 3))
    assert (largest[~seeded] < 1e-6).all()
    assert (largest[seeded] > 0.01).all()


@pytest.mark.parametrize("matching", ["plmm", "dense"])
def test_a_frame_s_result_does_not_depend_on_the_rest_of_the_batch(matching):
    network = a_network(replace(TINY, matching=matching))
    images, masks, seeded = noise(3, 3, 64, 64), some_masks(3, 4), torch.ones(3, 4, dtype=torch.bool)
    queries = noise(3, 3, 64, 64, seed=1)

    @torch.no_grad()
    def run(part: slice) -> Prediction:
        frame = network.encode_frame(images[part])
        memory = Memory.of([Entry.of(frame, network.encode_masks(frame, masks[part]))])
        return network.segment(network.encode_frame(queries[part]), memory, seeded[part])

    together, alone = run(slice(0, 3)), run(slice(1, 2))
    torch.testing.assert_close(together.logits[1:2], alone.logits, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(together.presence[1:2], alone.presence, atol=1e-4, rtol=1e-4)


def test_weights_fit_either_matching():
    network = a_network()
    a_network(replace(TINY, matching="dense")).load_state_dict(network.state_dict())


@torch.no_grad()
def test_the_decoder_sees_the_newest_entry_where_it_lies():
    network = a_network()
    frames = [network.encode_frame(noise(1, 3, 64, 64, seed=number)) for number in range(3)]
    entries = [
        Entry.of(frame, network.encode_masks(frame, some_masks(1, 3).roll(shift, 2)))
        for shift, frame in enumerate(frames)
    ]
    given: list[Values] = []
    network.decoder.register_forward_pre_hook(lambda module, arguments: given.append(arguments[2]))
    network.segment(frames[0], Memory.of(entries), torch.ones(1, 3, dtype=torch.bool))
    torch.testing.assert_close(given, [entries[-1].values])


@pytest.mark.parametrize("scale", ["v8", "v16"])
@torch.no_grad()
def test_the_newest_entry_s_values_change_the_result(scale):
    decoder, frame = a_network().decoder, a_network().encode_frame(noise(1, 3, 64, 64))
    read = Values(noise(1, 1, 8, 8, 8), noise(1, 1, 16, 4, 4))
    newest = Values(noise(1, 1, 8, 8, 8, seed=1), noise(1, 1, 16, 4, 4, seed=1))
    changed = newest._replace(**{scale: getattr(newest, scale) + 1})
    assert not torch.allclose(decoder(frame, read, newest)[0], decoder(frame, read, changed)[0], atol=1e-3)


@torch.no_grad()
def test_without_local_memory_the_order_of_entries_does_not_matter():
    network = a_network(replace(TINY, local_memory=False))
    frames = [network.encode_frame(noise(1, 3, 64, 64, seed=number)) for number in range(2)]
    entries = [
        Entry.of(frame, network.encode_masks(frame, some_masks(1, 3).roll(shift, 2)))
        for shift, frame in enumerate(frames)
    ]
    seeded = torch.ones(1, 3, dtype=torch.bool)
    first, second = (network.segment(frames[0], Memory.of(order), seeded) for order in (entries, entries[::-1]))
    torch.testing.assert_close(first.logits, second.logits, atol=1e-3, rtol=1e-3)


def test_every_parameter_learns():
    network = a_network().train()
    frame = network.encode_frame(noise(2, 3, 64, 64))
    values = network.encode_masks(frame, some_masks(2, 3))
    query = network.encode_frame(noise(2, 3, 64, 64, seed=1))
    logits, presence = network.segment(query, Memory.of([Entry.of(frame, values)]), torch.ones(2, 3, dtype=torch.bool))
    (logits.square().mean() + presence.square().mean()).backward()
    assert [name for name, p in network.named_parameters() if p.grad is None] == []


def test_a_configuration_survives_json():
    assert CstmConfig.of(json.loads(json.dumps(asdict(CSTM_PAPER)))) == CSTM_PAPER
