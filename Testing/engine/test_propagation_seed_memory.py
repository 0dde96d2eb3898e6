"""Memory during propagation."""

from __future__ import annotations

from itertools import pairwise

import torch

from medvos.models.cstm.encoders import Values
from medvos.models.cstm.network import Entry, Memory
from medvos.propagation.seed_memory import LARGEST_PERMANENT, SeedEntry, permanent_memory


def an_entry(number: float, batch: int = 1) -> Entry:
    def full(*shape: int) -> torch.Tensor:
        return torch.full((batch, *shape), number)

    return Entry(full(4, 8, 8), full(4, 4, 4), Values(full(1, 6, 8, 8), full(1, 9, 4, 4)))


def numbers(entries: list[Entry]) -> list[float]:
    return [entry.k8.flatten()[0].item() for entry in entries]


def seeds_at(*slices: int) -> list[SeedEntry]:
    return [SeedEntry(0, z, frozenset({0}), an_entry(float(z))) for z in slices]


def test_entries_are_joined_in_order_with_the_newest_last():
    memory = Memory.of([an_entry(1.0, 2), an_entry(2.0, 2)])
    assert memory.k8.shape == (2, 2, 4, 8, 8)
    assert memory.v16.shape == (2, 2, 1, 9, 4, 4)
    for tensor in memory:
        assert tensor[:, 0].unique().item() == 1.0
        assert tensor[:, 1].unique().item() == 2.0


def test_one_frame_serves_many_queries():
    entry = an_entry(3.0).for_batch(5)
    assert entry.k16.shape == (5, 4, 4, 4)
    assert entry.values.v8.shape == (5, 1, 6, 8, 8)
    assert entry.at(slice(0, 2)).values.v16.shape == (2, 1, 9, 4, 4)


def test_the_nearest_seed_comes_last():
    seeds = seeds_at(0, 3, 9)
    assert numbers(permanent_memory(seeds, seeds[0], 4)) == [9.0, 0.0, 3.0]


def test_of_many_seeds_the_main_one_and_the_nearest_are_used():
    seeds = seeds_at(*range(20))
    kept = numbers(permanent_memory(seeds, seeds[0], 10))
    assert len(kept) == LARGEST_PERMANENT
    assert kept[0] == 0.0 and kept[-1] == 10.0
    assert set(kept[1:]) <= {7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0}


def test_the_drawn_phases_of_one_slice_are_spread_over_the_beat():
    seeds = [SeedEntry(phase, 4, frozenset({0}), an_entry(float(phase))) for phase in range(20)]
    kept = sorted(numbers(permanent_memory(seeds, seeds[0], 4)))
    assert len(kept) == LARGEST_PERMANENT and kept[-1] == 19.0
    assert max(later - earlier for earlier, later in pairwise(kept)) <= 5


def test_a_structure_that_was_drawn_far_away_alone_stays_in_memory():
    far = SeedEntry(0, 30, frozenset({3}), an_entry(30.0))
    seeds = [*seeds_at(*range(20)), far]
    assert 30.0 in numbers(permanent_memory(seeds, seeds[10], 10))
