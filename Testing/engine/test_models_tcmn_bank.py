from __future__ import annotations

import pytest
import torch

from medvos.models.tcmn.bank import FRACTION_OF_FREE_MEMORY, MOST_ENTRIES, Bank
from medvos.models.tcmn.network import Memory


def entry(number: float) -> Memory:
    return Memory(torch.full((1, 1, 2, 4, 4), float(number)), torch.full((1, 1, 1, 3, 4, 4), float(number)))


BYTES = 4 * (2 + 3) * 16


def remembered(bank: Bank) -> list[float]:
    assert bank.memory.keys.shape[1] == bank.memory.values.shape[1]
    return bank.memory.keys[0, :, 0, 0, 0].tolist()


def test_the_oldest_entries_make_room_and_what_was_drawn_stays():
    bank = Bank(entry(-2).and_also(entry(-1)), free_bytes=int(3.5 * BYTES / FRACTION_OF_FREE_MEMORY))
    for number in range(5):
        bank.add(entry(number))
    assert bank.capacity == 3
    assert remembered(bank) == [-2, -1, 2, 3, 4]


@pytest.mark.parametrize(("free", "expected"), [(0, 1), (10**12, MOST_ENTRIES)])
def test_there_is_room_for_one_entry_at_least_and_no_more_than_time_allows(free, expected):
    assert Bank(entry(0), free).capacity == expected


def test_this_machine_says_what_it_has_to_spare():
    assert 1 <= Bank(entry(0)).capacity <= MOST_ENTRIES
