"""4D propagation: around the beat in the seed's slice, then along z at every phase (CSTM's inference)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.models.cstm.network import Cstm, Entry
from medvos.propagation.combine import combine, without_absent
from medvos.propagation.correction_plan import CorrectionPlan
from medvos.propagation.dense_motion import FEWEST_PHASES
from medvos.propagation.frame_predictor import FramePredictor
from medvos.propagation.frame_stack import FrameStack
from medvos.propagation.seed_memory import SeedEntry, permanent_memory
from medvos.propagation.settings import PropagationSettings
from medvos.propagation.slice_motion import SliceMotion
from medvos.propagation.slice_order import direction_weights, sweeps, temporal_proximity
from medvos.propagation.slice_result import SliceResult


@dataclass(frozen=True)
class SeedMasks:
    """The drawn slices in the region: ``masks`` (T, Z, S, H, W) in {0, 1}, ``drawn`` (T, Z), and where to start."""

    masks: Tensor
    drawn: NDArray[np.bool_]
    start: tuple[int, int]


class Propagator:
    """Propagates the seed masks through the cropped cine with a CSTM network.

    Parameters
    ----------
    network: in evaluation mode, on its device.
    frames: (T, Z, H, W), normalised.
    seeds: the drawn slices.
    settings: see `PropagationSettings`.
    on_frames: called with the number of segmented frames after each pass.
    on_slice: called with each slice as soon as it is done.
    motion: of ``frames``, where it is shared with another propagation.
    from_last: begin with the slices behind the seed's, not with those before it: two propagations at the same time
        that share motion then seldom wait for the same slice.

    >>> results = Propagator(network, frames, SeedMasks(masks, drawn, (0, 5)), PropagationSettings()).run()
    """

    def __init__(
        self,
        network: Cstm,
        frames: Tensor,
        seeds: SeedMasks,
        settings: PropagationSettings,
        on_frames: Callable[[int], None] = lambda count: None,
        on_slice: Callable[[SliceResult], None] = lambda result: None,
        motion: SliceMotion | None = None,
        from_last: bool = False,
    ) -> None:
        self.network, self.settings, self.on_slice = network, settings, on_slice
        self.step = -1 if from_last else 1
        self.stack = FrameStack(network, frames, settings.batch)
        self.masks, self.drawn, self.start = seeds.masks, seeds.drawn, seeds.start
        self.phases, self.slices = frames.shape[:2]
        self.seeded = self.masks.amax((0, 1, 3, 4)) > 0  # (S,)
        self.predictor = FramePredictor(network, self.seeded, settings.batch, on_frames)
        self.carries_masks = network.config.motion and self.phases >= FEWEST_PHASES
        self.motion = motion or SliceMotion(frames, self.masks.amax((0, 1, 2)) > 0)

    @torch.inference_mode()
    def run(self) -> list[SliceResult]:
        """Propagate through the whole heart; return all slices in order."""
        seeds = self._seed_entries()
        middle_z = self.start[1]
        middle, middle_entry = self._around_the_beat(seeds, self.start)
        results = {middle_z: middle}
        for sweep in sweeps(middle_z, self.slices)[:: self.step]:
            previous = middle_entry
            outer = sweep[len(sweep) - self.settings.outer_count(len(sweep)) :]
            for z in sweep:
                results[z], previous = self._next_slice(z, previous, seeds, neighbours=z in outer)
        return [results[z] for z in range(self.slices)]

    @torch.inference_mode()
    def run_corrections(self, plan: CorrectionPlan, before: Tensor) -> list[SliceResult]:
        """Predict the slices of a correction plan again; return them in order.

        Parameters
        ----------
        plan: of the corrections that are among the seeds.
        before: (T, Z, S, H, W) masks of the previous result.
        """
        seeds = self._seed_entries()
        results: dict[int, SliceResult] = {}
        entries: dict[int, Entry] = {}

        def entry_of(z: int) -> Entry:
            if z not in entries:
                entries[z] = self._entry(z, before[:, z])
            return entries[z]

        for (phase, z), inner in plan.corrected.items():
            results[z], entries[z] = self._corrected_slice(seeds, (phase, z), entry_of(inner))
        for z, (inner, outer) in plan.sides.items():
            sides = [entry_of(inner)] if outer is None else [entry_of(inner), entry_of(outer)]
            outer_weight = 0.0 if outer is None else temporal_proximity(self.drawn[:, outer]) / np.float32(2)
            results[z] = self._from_neighbours(seeds, z, sides, outer_weight)
        return [results[z] for z in plan.slices]

    def _seed_entries(self) -> list[SeedEntry]:
        """Encode all drawn slices, slice index by slice index, so that the features of each are computed once."""
        return [self._seed_entry(int(t), int(z)) for z, t in np.argwhere(self.drawn.T)]

    def _seed_entry(self, phase: int, z: int) -> SeedEntry:
        frame = self.stack.frame(phase, z)
        values = self.network.encode_masks(frame, self.masks[phase, z][None])
        shown = np.flatnonzero(self.masks[phase, z].amax((1, 2)).cpu() > 0)
        return SeedEntry(phase, z, frozenset(shown.tolist()), Entry.of(frame, values))

    @staticmethod
    def _at(seeds: list[SeedEntry], place: tuple[int, int]) -> SeedEntry:
        return next(seed for seed in seeds if (seed.phase, seed.z) == place)

    def _carried(self, z: int, phase: int, masks: Tensor) -> Tensor | None:
        """Carry masks (S, H, W) of one phase of a slice around the beat: (T, S + 1, H, W), the confidence last.

        None where the network has no motion prior, or the cine too few phases.
        """
        if not self.carries_masks:
            return None
        return self.motion.carry(z, phase, masks)

    def _carried_from_start(self, z: int, memory: list[Entry]) -> Tensor | None:
        """Carry the masks of a slice at the main seed's phase around the beat; predict them if they are not drawn."""
        if not self.carries_masks:
            return None
        phase = self.start[0]
        if self.drawn[phase, z]:
            return self._carried(z, phase, self.masks[phase, z])
        only = slice(phase, phase + 1)
        entries = [entry if entry.k8.shape[0] == 1 else entry.at(only) for entry in memory]
        probabilities, _ = self.predictor.predict(self.stack.slice(z).at(only), entries, None)
        return self._carried(z, phase, probabilities[0, 1:])

    def _drawn_probabilities(self, phase: int, z: int) -> Tensor:
        masks = self.masks[phase, z]
        return torch.cat([1 - masks.sum(0, keepdim=True), masks])

    def _around_the_beat(self, seeds: list[SeedEntry], place: tuple[int, int]) -> tuple[SliceResult, Entry]:
        """Propagate a drawn slice around the beat in both directions, weighted by the steps from its drawings."""
        carried = self._carried(place[1], place[0], self.masks[place])
        return self._combine(place[1], *self._both_directions(seeds, place, carried), carried)

    def _both_directions(
        self, seeds: list[SeedEntry], place: tuple[int, int], carried: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return (2, T, S + 1, H, W) probabilities forward and backward, (2, T, S) presence and (2, T) weights."""
        start, z = place
        frames = self.stack.slice(z)
        memory = permanent_memory(seeds, self._at(seeds, place), z)
        newest: list[Entry] = []  # at the first step the previous frame is the seed, which is in memory
        drawn = self._drawn_probabilities(start, z)
        directions = torch.zeros(2, self.phases, *drawn.shape, device=drawn.device)
        presence = torch.ones(2, self.phases, len(self.seeded), device=drawn.device)
        directions[:, start] = drawn
        for step in range(1, self.phases):
            phases = [(start + step) % self.phases, (start - step) % self.phases]
            pair = frames.at(torch.tensor(phases, device=drawn.device))
            hint = None if carried is None else carried[phases]
            probabilities, present = self.predictor.segment(pair, [*memory, *newest], hint)
            for direction, phase in enumerate(phases):
                if self.drawn[phase, z]:
                    probabilities[direction] = self._drawn_probabilities(phase, z)
                directions[direction, phase], presence[direction, phase] = probabilities[direction], present[direction]
            newest = [self.predictor.write(pair, probabilities)]
        weights = direction_weights(self.phases, start, self.drawn[:, z])
        return directions, presence, torch.from_numpy(np.stack(weights)).to(drawn.device)

    def _next_slice(
        self, z: int, previous: Entry, seeds: list[SeedEntry], neighbours: bool
    ) -> tuple[SliceResult, Entry]:
        """Predict all phases of a slice at once, from the seeds and the same phase of the previous slice."""
        permanent = permanent_memory(seeds, self._at(seeds, self.start), z)
        carried = self._carried_from_start(z, [*permanent, previous])
        probabilities, presence = self._from_memory(seeds, z, [previous], carried)
        if not neighbours:
            return self._combine(z, probabilities[None], presence[None], None, carried)
        entry = self.predictor.write(
            self.stack.slice(z), without_absent(probabilities, presence, self.settings.absent_below)
        )
        directions = [(probabilities, presence)]
        for shift in (1, -1):
            order = torch.arange(self.phases, device=probabilities.device).roll(shift)
            directions.append(self._from_memory(seeds, z, [entry.at(order), previous], carried))
        every, present = (torch.stack(column) for column in zip(*directions, strict=True))
        return self._combine(z, every, present, None, carried)

    def _corrected_slice(
        self, seeds: list[SeedEntry], place: tuple[int, int], inner: Entry
    ) -> tuple[SliceResult, Entry]:
        """Propagate a corrected slice around the beat, blended with a prediction from its neighbouring slice.

        Far from the corrected phase the neighbouring slice at the same phase is more reliable, so the two are weighted
        by temporal distance.
        """
        z = place[1]
        carried = self._carried(z, place[0], self.masks[place])
        directions, presence, direction_weight = self._both_directions(seeds, place, carried)
        neighbour, neighbour_presence = self._from_memory(seeds, z, [inner], carried)
        near = torch.from_numpy(temporal_proximity(self.drawn[:, z])).to(direction_weight)
        weights = torch.cat([direction_weight * near, 1 - near[None]])
        return self._combine(
            z,
            torch.cat([directions, neighbour[None]]),
            torch.cat([presence, neighbour_presence[None]]),
            weights,
            carried,
        )

    def _from_neighbours(
        self, seeds: list[SeedEntry], z: int, sides: list[Entry], outer_weight: float | NDArray[np.float32]
    ) -> SliceResult:
        """Predict all phases of a slice from the same phase of one or two neighbouring slices.

        ``outer_weight`` is the weight of the second one, (T,) in [0, 1].
        """
        permanent = permanent_memory(seeds, self._at(seeds, self.start), z)
        carried = self._carried_from_start(z, [*permanent, *sides])
        directions = [self._from_memory(seeds, z, [side], carried) for side in sides]
        every, present = (torch.stack(column) for column in zip(*directions, strict=True))
        fraction = torch.zeros(every.shape[1]).add(torch.as_tensor(outer_weight)).to(every)
        return self._combine(z, every, present, torch.stack([1 - fraction, fraction][: len(sides)]), carried)[0]

    def _from_memory(
        self, seeds: list[SeedEntry], z: int, newest: list[Entry], carried: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return (T, S + 1, H, W) probabilities and (T, S) presence of a slice, from the seeds and ``newest``."""
        permanent = permanent_memory(seeds, self._at(seeds, self.start), z)
        return self.predictor.segment(self.stack.slice(z), [*permanent, *newest], carried)

    def _entry(self, z: int, masks: Tensor) -> Entry:
        """Encode the masks (T, S, H, W) of all phases of a slice as memory."""
        return self.predictor.write(self.stack.slice(z), torch.cat([1 - masks.sum(1, keepdim=True), masks], 1))

    def _combine(
        self, z: int, directions: Tensor, presence: Tensor, weights: Tensor | None, carried: Tensor | None = None
    ) -> tuple[SliceResult, Entry]:
        """Combine predictions (W, T, S + 1, H, W), insert the drawn phases, and encode the slice as memory."""
        found = combine(directions, presence, weights, carried)
        mean, present, spread = found.mean, found.presence, found.spread
        mean = without_absent(mean, present, self.settings.absent_below)
        for phase in np.flatnonzero(self.drawn[:, z]):
            mean[phase] = self._drawn_probabilities(int(phase), z)
            spread[phase], present[phase] = 0, self.masks[phase, z].amax((1, 2))
        entry = self.predictor.write(self.stack.slice(z), mean)
        result = SliceResult(z, mean, spread, present)
        self.on_slice(result)
        return result, entry
