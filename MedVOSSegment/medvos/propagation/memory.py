"""What a frame may look up: the seeds, which stay for good, and its neighbours, which come and go."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from medvos.models.cstm import Memory
from medvos.models.encoders import FrameFeatures, Values

# Beyond this many drawn slices the nearest ones are used: the cost of matching grows with each.
LARGEST_PERMANENT = 6


@dataclass(frozen=True)
class Entry:
    """Frames with their masks written to memory, B of them."""

    k8: Tensor
    k16: Tensor
    values: Values

    @staticmethod
    def of(frame: FrameFeatures, values: Values) -> Entry:
        """Keeps what matching needs and lets the other features go."""
        return Entry(frame.k8, frame.k16, values)

    def at(self, index: Tensor | slice) -> Entry:
        """Some of the B frames."""
        return Entry(self.k8[index], self.k16[index], self.values.at(index))

    def for_batch(self, size: int) -> Entry:
        """One frame seen by ``size`` queries, without a copy."""
        tensors = (self.k8, self.k16, *self.values)
        k8, k16, v8, v16 = (tensor.expand(size, *tensor.shape[1:]) for tensor in tensors)
        return Entry(k8, k16, Values(v8, v16))


def joined(entries: list[Entry]) -> Memory:
    """Entries of equal B -> memory, in the order given; the newest goes last."""
    return Memory(
        torch.stack([entry.k8 for entry in entries], 1),
        torch.stack([entry.k16 for entry in entries], 1),
        torch.stack([entry.values.v8 for entry in entries], 1),
        torch.stack([entry.values.v16 for entry in entries], 1),
    )


@dataclass(frozen=True)
class SeedEntry:
    """A drawn slice in memory, with its place."""

    phase: int
    level: int
    entry: Entry


def nearest_seeds(seeds: list[SeedEntry], level: int) -> list[Entry]:
    """The seeds that a frame of this slice looks up, the farthest first."""
    ordered = sorted(seeds, key=lambda seed: abs(seed.level - level))[:LARGEST_PERMANENT]
    return [seed.entry for seed in reversed(ordered)]
