"""Batches of rollouts through real beats, mixed with batches of triplets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from medvos.propagation.dense_motion import MotionChain
from medvos_lab.augment import affine, assign_slots, box_centre, choose_structures, displacement, vary_grey
from medvos_lab.cstm.batches import TripletBatch, TripletBatches
from medvos_lab.cstm_beats.papillary import sample_threshold, without_muscles
from medvos_lab.cstm_beats.rollout_plan import Rollout, RolloutPlan, sample_plan, sample_rollout
from medvos_lab.cstm_beats.studies import BeatStudy
from medvos_lab.loop import TensorBatch
from medvos_lab.studies import VIGOROUS_EF, VIGOROUS_WEIGHT
from medvos_lab.style import vary_style

SLOTS = 3
CROP_ONLY = 0.3  # fraction of samples that are black outside the crop; the others have the chest, interpolated in time
WITHOUT_MUSCLES = 0.3  # fraction of samples in which papillary muscles are drawn as myocardium
WITHOUT_MOTION = 0.15  # fraction of samples without carried masks
ROLLOUT_FRACTION = 0.6  # of steps; the others are triplets
SEED_SHIFT_PX = 0.5  # standard deviation of the border error of a predicted mask before it is carried, in pixels

Chains = dict[tuple[int, int], MotionChain]


@dataclass(frozen=True)
class RolloutBatch(TensorBatch):
    """B rollouts of F frames.

    Attributes
    ----------
    images: (B, F, 3, H, W), normalised as at inference.
    targets: (B, F, H, W) int64, slot + 1 of the structure, 0 elsewhere.
    carried: (B, F, S + 1, H, W) masks carried along the motion, and their confidence.
    seeded: (B, S) bool, the slots in use.
    plan: of all samples.
    """

    images: Tensor
    targets: Tensor
    carried: Tensor
    seeded: Tensor
    plan: RolloutPlan

    def to(self, device: torch.device) -> Self:
        moved = {name: getattr(self, name).to(device) for name in ("images", "targets", "carried", "seeded")}
        return replace(self, **moved)


class RolloutBatches:
    """Make the batch of any step, reproducible from seed and step number."""

    def __init__(self, studies: list[BeatStudy], size: int, side: int, seed: int = 0) -> None:
        self.studies, self.size, self.side, self.seed = studies, size, side, seed
        weights = np.array([VIGOROUS_WEIGHT if study.ejection_fraction > VIGOROUS_EF else 1.0 for study in studies])
        self.weights = weights / weights.sum()

    def __call__(self, step: int) -> RolloutBatch:
        """Return the batch of this step."""
        rng = np.random.default_rng((self.seed, step, 1))
        torch.manual_seed(int(rng.integers(2**31)))  # TorchIO draws from torch's generator
        plan = sample_plan(rng)
        samples = [self._sample(plan, rng) for _ in range(self.size)]
        images, targets, carried, seeded = (torch.stack(column) for column in zip(*samples, strict=True))
        return RolloutBatch((images - 0.5) / 0.25, targets, carried, seeded, plan)

    def _sample(self, plan: RolloutPlan, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        while True:  # not every study has a rollout of this plan, and a warp can push all of the seed out of the image
            study = self.studies[int(rng.choice(len(self.studies), p=self.weights))]
            rollout = sample_rollout(study, plan, rng)
            if rollout is None:
                continue
            images, labels, carried = make_rollout(rollout, plan, self.side, rng)
            seen = choose_structures(study.structures, labels, rng)
            if seen:
                break
        slot_of = assign_slots(seen, SLOTS, False, rng)
        lookup = torch.zeros(256, dtype=torch.int64)
        seeded, hints = torch.zeros(SLOTS, dtype=torch.bool), torch.zeros_like(carried)
        hints[:, SLOTS] = carried[:, SLOTS]
        for label, slot in slot_of.items():
            lookup[label] = slot + 1
            seeded[slot] = True
            hints[:, slot] = carried[:, label - 1]
        return vary_grey(images, rng), lookup[labels], hints, seeded


class MixedBatches:
    """Make rollouts at some steps and triplets at the others."""

    def __init__(self, triplets: TripletBatches, rollouts: RolloutBatches) -> None:
        self.triplets, self.rollouts = triplets, rollouts

    def __call__(self, step: int) -> TripletBatch | RolloutBatch:
        """Return the batch of this step."""
        is_rollout = np.random.default_rng((self.rollouts.seed, step, 2)).random() < ROLLOUT_FRACTION
        return self.rollouts(step) if is_rollout else self.triplets(step)


def make_rollout(
    rollout: Rollout, plan: RolloutPlan, side: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Return images (F, 3, H, W) in [0, 1], labels (F, H, W) and carried masks (F, 4, H, W) of one rollout.

    All frames have one style of drawing and one shared transform; slices other than the seed's are also moved a little,
    because breath-holds differ.
    """
    study, frames = rollout.study, len(rollout.phases)
    crop_only = rng.random() < CROP_ONLY
    chains: Chains = {}
    labels = _labels(rollout, crop_only, chains, rng)
    carried = _carried(rollout, plan, labels, chains, rng)
    shared, bend = affine(rng, strong=True), displacement(side, rng) * side / 2
    centre = box_centre(labels[0]) + rng.normal(0, 5 * study.scale, 2)
    flip, drop = rng.random() < 0.5, rng.random() < 0.15
    ticks = (torch.arange(side) - (side - 1) / 2).float()
    base = torch.stack(torch.meshgrid(ticks, ticks, indexing="xy"), -1) + bend
    grids: dict[int, Tensor] = {}  # by slice, (H, W, 2)
    resampled = []
    for frame in range(frames):
        phase, z = rollout.phases[frame], rollout.slices[frame]
        if z not in grids:
            moved = z != rollout.slices[0]
            own = affine(rng, strong=False) if moved else np.eye(2)
            shift = rng.normal(0, 1.5 * study.scale, 2) if moved else np.zeros(2)
            matrix = torch.from_numpy((shared @ own * study.scale).astype(np.float32))
            grids[z] = base @ matrix.T + torch.from_numpy((centre + shift).astype(np.float32))
        around = _context(study, z, flip, drop)
        images = {i: study.image(phase, i, crop_only) for i in set(around)}
        masks = labels[frame] == np.array(study.structures, np.uint8)[:, None, None]
        stack = np.concatenate([np.stack([images[i] for i in around]), masks, carried[frame]]).astype(np.float32)
        resampled.append(_resampled(stack, grids[z]))
    maps = torch.stack(resampled)  # (F, 3 + 3 + 4, H, W)
    contexts, fractions, hints = maps.split([3, 3, 4], 1)
    fractions = torch.cat([1 - fractions.sum(1, keepdim=True), fractions], 1)
    return contexts, fractions.movedim(1, -1).contiguous().argmax(-1), hints.clamp(0, 1)


def _chain(rollout: Rollout, start: int, z: int, chains: Chains) -> MotionChain:
    if (start, z) not in chains:
        chains[start, z] = rollout.study.chain(start, z)
    return chains[start, z]


def _labels(rollout: Rollout, crop_only: bool, chains: Chains, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the labels (F, Y, X) in one reader's style; at undrawn phases those of ED and ES carried there."""
    study, beat = rollout.study, rollout.study.beat
    known = [i for i, phase in enumerate(rollout.phases) if phase in (beat.ed, beat.es)]
    drawn = np.stack([study.labels(rollout.phases[i], rollout.slices[i], crop_only) for i in known])
    styled = None
    if rng.random() < WITHOUT_MUSCLES:
        images = np.stack([study.image(rollout.phases[i], rollout.slices[i], crop_only) for i in known])
        threshold = sample_threshold(images[0], drawn[0], rng)
        styled = None if threshold is None else without_muscles(images, drawn, threshold)
    if styled is None:
        styled = vary_style(torch.from_numpy(drawn), study.structures, rng).numpy()
    labels = np.zeros((len(rollout.phases), *drawn.shape[1:]), np.uint8)
    labels[known] = styled
    others = [i for i in range(len(rollout.phases)) if i not in known]  # all in the seed's slice
    if others:
        z = rollout.slices[0]
        ed, es = (labels[rollout.phases.index(end)] for end in (beat.ed, beat.es))
        both = _chain(rollout, beat.ed, z, chains), _chain(rollout, beat.es, z, chains)
        labels[others] = study.interpolated(both, (ed, es), [rollout.phases[i] for i in others])
    return labels


def _carried(
    rollout: Rollout, plan: RolloutPlan, labels: NDArray[np.uint8], chains: Chains, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Carry the labels of each slice at the seed's phase along the motion: (F, 4, Y, X), 0 where the plan has none.

    In the seed's slice these are the drawing itself. In the others they are predictions at inference, so their borders
    are shifted a little.
    """
    carried = np.zeros((len(labels), 4, *labels.shape[1:]), np.float32)
    if rng.random() < WITHOUT_MOTION:
        return carried
    wanted = [frame for frame, step in enumerate(plan.steps, 1) if step.carried]
    for z in {rollout.slices[frame] for frame in wanted}:
        of_slice = [frame for frame in wanted if rollout.slices[frame] == z]
        first = next(i for i, at in enumerate(rollout.slices) if at == z and rollout.phases[i] == rollout.start)
        seed = labels[first] if first == 0 else _with_shifted_borders(labels[first], rng)
        if z in rollout.study.slices:
            phases = [rollout.phases[frame] for frame in of_slice]
            carried[of_slice] = rollout.study.carried(_chain(rollout, rollout.start, z, chains), seed, phases)
    return carried


def _with_shifted_borders(labels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return labels (Y, X) whose borders err as those of a prediction do."""
    control = torch.from_numpy(rng.normal(0, 2.5 * SEED_SHIFT_PX, (1, 2, 16, 16)).astype(np.float32))
    shift = F.interpolate(control, labels.shape, mode="bicubic")[0].numpy()
    rows, columns = np.indices(labels.shape)
    height, width = labels.shape
    at = np.clip((rows + shift[1]).round(), 0, height - 1), np.clip((columns + shift[0]).round(), 0, width - 1)
    return labels[at[0].astype(int), at[1].astype(int)]


def _context(study: BeatStudy, z: int, flip: bool, drop: bool) -> list[int]:
    """Return the slices below, at and above; the slice itself replaces a missing neighbour."""
    if drop:
        return [z] * 3
    count = study.beat.images.shape[1]
    around = [min(max(z + step, 0), count - 1) for step in (-1, 0, 1)]
    return around[::-1] if flip else around


def _resampled(stack: NDArray[np.float32], grid: Tensor) -> Tensor:
    """Resample (C, Y, X) at ``grid`` (H, W, 2) in native pixels (x, y) to (C, H, W); 0 outside."""
    rows, columns = stack.shape[1:]
    size = torch.tensor([columns, rows], dtype=torch.float32)
    normed = ((grid * 2 + 1) / size - 1)[None]
    return F.grid_sample(torch.from_numpy(stack)[None], normed, mode="bilinear", align_corners=False)[0]
