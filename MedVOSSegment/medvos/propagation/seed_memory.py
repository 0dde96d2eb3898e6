"""Select the drawn slices that a frame is matched with: the permanent memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medvos.models.cstm.network import Entry

# Of more drawn slices than this some are left out: the cost of matching grows with each.
LARGEST_PERMANENT = 6


@dataclass(frozen=True, eq=False)
class SeedEntry:
    """A drawn slice in memory, with its place and the structure slots that it shows."""

    phase: int
    z: int
    structures: frozenset[int]
    entry: Entry


def permanent_memory(seeds: Sequence[SeedEntry], main: SeedEntry, z: int) -> list[Entry]:
    """Return the seeds that a frame of this slice is matched with, the farthest first.

    The main seed is always among them, the last of those at its distance, and so is the nearest seed that shows each
    structure. The rest are the nearest slices; where one slice has more drawn phases than there is room for, they are
    spread over the beat.
    """
    chosen = [main]
    for structure in sorted(frozenset().union(*(seed.structures for seed in seeds))):
        if not any(structure in seed.structures for seed in chosen):
            showing = [seed for seed in seeds if structure in seed.structures]
            chosen.append(min(showing, key=lambda seed: abs(seed.z - z)))
    for distance in sorted({abs(seed.z - z) for seed in seeds}):
        near = [seed for seed in seeds if abs(seed.z - z) == distance and seed not in chosen]
        room = max(LARGEST_PERMANENT - len(chosen), 0)
        picks = np.unique(np.linspace(0, len(near) - 1, min(room, len(near))).round().astype(int))
        chosen += [near[i] for i in picks]
    return [seed.entry for seed in sorted(chosen, key=lambda seed: (-abs(seed.z - z), seed is main))]
