"""4D propagation: round the beat in the seed's slice, then along z at every phase (CSTM's inference)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.models.cstm.encoders import FrameFeatures
from medvos.models.cstm.network import Cstm, Entry, Memory
from medvos.propagation.corrections import Plan
from medvos.propagation.memory import SeedEntry, permanent_memory
from medvos.propagation.order import direction_weights, nearness, sweeps
from medvos.propagation.settings import Settings
from medvos.propagation.stack import FrameStack


@dataclass(frozen=True)
class SeedMasks:
    """The drawn slices in the region: ``masks`` (T, Z, S, H, W) in {0, 1}, ``drawn`` (T, Z), and where to start."""

    masks: Tensor
    drawn: NDArray[np.bool_]
    start: tuple[int, int]


@dataclass(frozen=True)
class SliceResult:
    """One slice at all phases: ``probabilities`` (T, S + 1, H, W), background first, and ``spread`` (T, H, W).

    The spread is the variance between the ways by which a frame was reached, 0 where there was only one way.
    """

    z: int
    probabilities: Tensor
    spread: Tensor
    presence: Tensor  # (T, S)

    def mirrored(self) -> SliceResult:
        """Left and right exchanged."""
        return replace(self, probabilities=self.probabilities.flip(-1), spread=self.spread.flip(-1))

    @staticmethod
    def mean(a: SliceResult, b: SliceResult) -> SliceResult:
        """Equal mixture of two ways; its variance is the mean variance and the variance of the means."""
        between = ((a.probabilities - b.probabilities) / 2).square().sum(1)
        return SliceResult(
            a.z,
            (a.probabilities + b.probabilities) / 2,
            (a.spread + b.spread) / 2 + between,
            (a.presence + b.presence) / 2,
        )


class Propagator:
    """Leads one network through one cine's region.

    Parameters
    ----------
    network: in evaluation mode, on its device.
    frames: (T, Z, H, W), normalised.
    seeds: what was drawn.
    settings: see `Settings`.
    on_frames: told how many frames were segmented, after each pass.
    on_slice: given each slice as soon as it is done.
    """

    def __init__(
        self,
        network: Cstm,
        frames: Tensor,
        seeds: SeedMasks,
        settings: Settings,
        on_frames: Callable[[int], None] = lambda count: None,
        on_slice: Callable[[SliceResult], None] = lambda result: None,
    ) -> None:
        self.network, self.settings = network, settings
        self.on_frames, self.on_slice = on_frames, on_slice
        self.stack = FrameStack(network, frames, settings.batch)
        self.masks, self.drawn, self.start = seeds.masks, seeds.drawn, seeds.start
        self.phases, self.slices = frames.shape[:2]
        self.seeded = self.masks.amax((0, 1, 3, 4)) > 0  # (S,)

    @torch.inference_mode()
    def run(self) -> list[SliceResult]:
        """All slices, in order of their level."""
        seeds = self._seed_entries()
        middle_z = self.start[1]
        middle, middle_entry = self._round_the_beat(seeds, self.start)
        results = {middle_z: middle}
        for sweep in sweeps(middle_z, self.slices):
            previous = middle_entry
            outer = sweep[len(sweep) - self.settings.outer_count(len(sweep)) :]
            for z in sweep:
                results[z], previous = self._next_slice(z, previous, seeds, neighbours=z in outer)
        return [results[z] for z in range(self.slices)]

    @torch.inference_mode()
    def run_again(self, plan: Plan, before: Tensor) -> list[SliceResult]:
        """The slices that a plan names, in order of their level.

        Parameters
        ----------
        plan: of the corrections that are among the seeds.
        before: (T, Z, S, H, W) masks of the previous result.
        """
        seeds = self._seed_entries()
        results: dict[int, SliceResult] = {}
        entries: dict[int, Entry] = {}

        def entry(z: int) -> Entry:
            if z not in entries:
                entries[z] = self._entry(z, before[:, z])
            return entries[z]

        for (phase, z), inner in plan.corrected.items():
            results[z], entries[z] = self._led_again(seeds, (phase, z), entry(inner))
        for z, (inner, outer) in plan.sides.items():
            sides = [entry(inner)] if outer is None else [entry(inner), entry(outer)]
            near = 0.0 if outer is None else nearness(self.drawn[:, outer]) / np.float32(2)
            results[z] = self._from_sides(seeds, z, sides, near)
        return [results[z] for z in plan.slice_indices]

    def _seed_entries(self) -> list[SeedEntry]:
        """All drawn slices, level by level, so that each level's features are computed once."""
        return [self._seed_entry(int(t), int(z)) for z, t in np.argwhere(self.drawn.T)]

    def _seed_entry(self, phase: int, z: int) -> SeedEntry:
        frame = self.stack.frame(phase, z)
        values = self.network.encode_masks(frame, self.masks[phase, z][None])
        shown = np.flatnonzero(self.masks[phase, z].amax((1, 2)).cpu() > 0)
        return SeedEntry(phase, z, frozenset(shown.tolist()), Entry.of(frame, values))

    @staticmethod
    def _at(seeds: list[SeedEntry], place: tuple[int, int]) -> SeedEntry:
        return next(seed for seed in seeds if (seed.phase, seed.z) == place)

    def _segment(self, frame: FrameFeatures, memory: list[Entry]) -> tuple[Tensor, Tensor]:
        """(B, S + 1, H, W) probabilities and (B, S) presence of B frames, in passes of at most ``settings.batch``."""
        size = frame.image.shape[0]
        parts = []
        for low in range(0, size, self.settings.batch):
            part = slice(low, min(low + self.settings.batch, size))
            count = part.stop - part.start
            entries = [e.for_batch(count) if e.k8.shape[0] == 1 else e.at(part) for e in memory]
            seeded = self.seeded.expand(count, -1)
            logits, presence = self.network.segment(frame.at(part), Memory.of(entries), seeded)
            parts.append((logits.softmax(1), presence.sigmoid() * seeded))
        probabilities, presence = (torch.cat(column) for column in zip(*parts, strict=True))
        self.on_frames(size)
        return probabilities, presence

    def _write(self, frame: FrameFeatures, probabilities: Tensor) -> Entry:
        """Soft predictions into memory, as in training."""
        parts = [
            self.network.encode_masks(frame.at(slice(low, low + self.settings.batch)), part)
            for low, part in zip(
                range(0, len(probabilities), self.settings.batch),
                probabilities[:, 1:].split(self.settings.batch),
                strict=True,
            )
        ]
        values = type(parts[0])(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))
        return Entry.of(frame, values)

    def _drawn_probabilities(self, phase: int, z: int) -> Tensor:
        masks = self.masks[phase, z]
        return torch.cat([1 - masks.sum(0, keepdim=True), masks])

    def _without_absent(self, probabilities: Tensor, presence: Tensor) -> Tensor:
        """Gives to the background what the structures have that the network says are not in the picture."""
        kept = (presence >= self.settings.absent_below)[:, :, None, None]
        structures = probabilities[:, 1:] * kept
        return torch.cat([1 - structures.sum(1, keepdim=True), structures], 1)

    def _round_the_beat(self, seeds: list[SeedEntry], place: tuple[int, int]) -> tuple[SliceResult, Entry]:
        """A drawn slice, phase after phase both ways round, weighted by nearness to what was drawn."""
        return self._settle(place[1], *self._both_directions(seeds, place))

    def _both_directions(self, seeds: list[SeedEntry], place: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        """(2, T, S + 1, H, W) probabilities forwards and backwards, (2, T, S) presence and (2, T) weights."""
        start, z = place
        frames = self.stack.slice(z)
        memory = permanent_memory(seeds, self._at(seeds, place), z)
        newest: list[Entry] = []  # at the first step the frame before is the seed, which memory has already
        one = self._drawn_probabilities(start, z)
        directions = torch.zeros(2, self.phases, *one.shape, device=one.device)
        presence = torch.ones(2, self.phases, len(self.seeded), device=one.device)
        directions[:, start] = one
        for step in range(1, self.phases):
            phases = [(start + step) % self.phases, (start - step) % self.phases]
            pair = frames.at(torch.tensor(phases, device=one.device))
            probabilities, present = self._segment(pair, [*memory, *newest])
            for direction, phase in enumerate(phases):
                if self.drawn[phase, z]:
                    probabilities[direction] = self._drawn_probabilities(phase, z)
                directions[direction, phase], presence[direction, phase] = probabilities[direction], present[direction]
            newest = [self._write(pair, probabilities)]
        fractions = direction_weights(self.phases, start, self.drawn[:, z])
        return directions, presence, torch.from_numpy(np.stack(fractions)).to(one.device)

    def _next_slice(
        self, z: int, previous: Entry, seeds: list[SeedEntry], neighbours: bool
    ) -> tuple[SliceResult, Entry]:
        """All phases of a slice at once, from the seeds and the same phase of the slice before."""
        probabilities, presence = self._from_memory(seeds, z, [previous])
        if not neighbours:
            return self._settle(z, probabilities[None], presence[None], None)
        entry = self._write(self.stack.slice(z), self._without_absent(probabilities, presence))
        directions = [(probabilities, presence)]
        for shift in (1, -1):
            order = torch.arange(self.phases, device=probabilities.device).roll(shift)
            directions.append(self._from_memory(seeds, z, [entry.at(order), previous]))
        every, present = (torch.stack(column) for column in zip(*directions, strict=True))
        return self._settle(z, every, present, None)

    def _led_again(self, seeds: list[SeedEntry], place: tuple[int, int], inner: Entry) -> tuple[SliceResult, Entry]:
        """A corrected slice: round the beat from the drawing near its phase, from the slice beside it far from that.

        What the drawing says of another phase, half a beat away, is worth less than what stands there next door.
        """
        z = place[1]
        directions, presence, fractions = self._both_directions(seeds, place)
        beside, beside_presence = self._from_memory(seeds, z, [inner])
        near = torch.from_numpy(nearness(self.drawn[:, z])).to(fractions)
        weights = torch.cat([fractions * near, 1 - near[None]])
        return self._settle(
            z, torch.cat([directions, beside[None]]), torch.cat([presence, beside_presence[None]]), weights
        )

    def _from_sides(
        self, seeds: list[SeedEntry], z: int, sides: list[Entry], second: float | NDArray[np.float32]
    ) -> SliceResult:
        """All phases of a slice, led from the same phase of one or two slices beside it.

        ``second`` is the weight of the second side, (T,) in [0, 1].
        """
        directions = [self._from_memory(seeds, z, [side]) for side in sides]
        every, present = (torch.stack(column) for column in zip(*directions, strict=True))
        fraction = torch.zeros(every.shape[1]).add(torch.as_tensor(second)).to(every)
        return self._settle(z, every, present, torch.stack([1 - fraction, fraction][: len(sides)]))[0]

    def _from_memory(self, seeds: list[SeedEntry], z: int, newest: list[Entry]) -> tuple[Tensor, Tensor]:
        """(T, S + 1, H, W) probabilities and (T, S) presence of a slice, from the seeds and what was found last."""
        permanent = permanent_memory(seeds, self._at(seeds, self.start), z)
        return self._segment(self.stack.slice(z), [*permanent, *newest])

    def _entry(self, z: int, masks: Tensor) -> Entry:
        """(T, S, H, W) masks of all phases of a slice as memory."""
        return self._write(self.stack.slice(z), torch.cat([1 - masks.sum(1, keepdim=True), masks], 1))

    def _settle(
        self, z: int, directions: Tensor, presence: Tensor, weights: Tensor | None
    ) -> tuple[SliceResult, Entry]:
        """Joins the ways (W, T, S + 1, H, W) by which a slice was reached, puts in what was drawn, writes to memory."""
        if weights is None:
            weights = torch.full(directions.shape[:2], 1 / len(directions), device=directions.device)
        mean = (directions * weights[:, :, None, None, None]).sum(0)
        present = (presence * weights[:, :, None]).sum(0)
        spread = (weights[:, :, None, None] * (directions - mean).square().sum(2)).sum(0)
        mean = self._without_absent(mean, present)
        for phase in np.flatnonzero(self.drawn[:, z]):
            mean[phase] = self._drawn_probabilities(int(phase), z)
            spread[phase], present[phase] = 0, self.masks[phase, z].amax((1, 2))
        entry = self._write(self.stack.slice(z), mean)
        result = SliceResult(z, mean, spread, present)
        self.on_slice(result)
        return result, entry
