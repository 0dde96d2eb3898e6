"""Batches of three ordered frames with structures to follow, in ultrasound of two vendors and in MRI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from medvos.propagation.intensity import grey_window, normalise
from medvos_lab.datasets.acdc_beats import Beat
from medvos_lab.loop import TensorBatch
from medvos_lab.motion.clips import sample_probe
from medvos_lab.motion.flow import identity
from medvos_lab.motion.pair_clips import DEPTH, TURN, PairSource
from medvos_lab.sector import in_sector
from medvos_lab.studies import Study
from medvos_lab.tcmn.beat_samples import sample_beat_slice
from medvos_lab.tcmn.heart_samples import sample_heart
from medvos_lab.tcmn.mix import LEAPS, USUAL, Mix
from medvos_lab.tcmn.order import FRAMES, sample_order
from medvos_lab.tcmn.parts import half_of, sample_part, with_walls
from medvos_lab.ultrasound import vary

TURN_MRI = 45.0  # degrees
ECHO_PARTS = 0.6  # fraction of the random parts that are of echo images, where there are images of MRI

Sample = tuple[Tensor, Tensor, Tensor]  # images (B, 3, H, W) in [0, 1], targets (B, 3, H, W), judged (B, 3)


@dataclass(frozen=True)
class TcmnBatch(TensorBatch):
    """
    Attributes
    ----------
    images: (B, 3, H, W), normalised as at inference.
    targets: (B, 3, H, W) int64, slot + 1 of the structure, 0 elsewhere.
    seeded: (B, S) bool, the slots that the first frame shows.
    judged: (B, 3) bool, the frames whose targets are known.
    """

    images: Tensor
    targets: Tensor
    seeded: Tensor
    judged: Tensor


@dataclass(frozen=True)
class FollowedPairs:
    """Pairs of one data set and the labels of the structures that are followed in them."""

    source: PairSource
    structures: Sequence[int]


@dataclass(frozen=True)
class TcmnSources:
    """Training data; a kind of sample without data is not made.

    Attributes
    ----------
    pairs: by the kind of `medvos_lab.tcmn.mix`, ``echonet`` and ``camus``; at least one.
    studies: hearts in MRI from slice to slice. beats: hearts in MRI with all phases.
    """

    pairs: dict[str, FollowedPairs]
    studies: list[Study] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)

    @property
    def kinds(self) -> set[str]:
        """Kinds of samples that can be made."""
        return {"parts", *self.pairs, *(["hearts"] if self.studies else []), *(["beats"] if self.beats else [])}


class TcmnBatches:
    """Make the batch of any step, reproducible from seed and step number.

    Parameters
    ----------
    sources: training data.
    size: samples in a batch.
    side: pixels of the network's image.
    seed: of the stream.
    leaps_from: the step from which the mix is that of the end of a training; default none.
    """

    def __init__(
        self, sources: TcmnSources, size: int, side: int, seed: int = 0, leaps_from: int | None = None
    ) -> None:
        self.sources, self.size, self.side, self.seed, self.leaps_from = sources, size, side, seed, leaps_from

    def __call__(self, step: int) -> TcmnBatch:
        """Return the batch of this step."""
        rng = np.random.default_rng((self.seed, step))
        mix = LEAPS if self.leaps_from is not None and step >= self.leaps_from else USUAL
        slots = 2 if rng.random() < mix.two_structures else 1
        counts = mix.counts(self.size, self.sources.kinds, rng)
        pairs = [(followed, counts[kind]) for kind, followed in self.sources.pairs.items() if counts[kind]]
        found = [self._pairs(followed, count, slots, mix, rng) for followed, count in pairs]
        found += [self._part(slots, rng) for _ in range(counts["parts"])]
        found += [self._heart(slots, rng) for _ in range(counts["hearts"])]
        found += [self._beat(slots, mix, rng) for _ in range(counts["beats"])]
        images, targets, judged = (torch.cat(column) for column in zip(*found, strict=True))
        numbers = torch.arange(1, slots + 1)
        seeded = (targets[:, 0].flatten(1)[:, :, None] == numbers).any(1)
        return TcmnBatch(_normalised(images), targets, seeded, judged)

    def _pairs(self, followed: FollowedPairs, count: int, slots: int, mix: Mix, rng: np.random.Generator) -> Sample:
        """Sample structures of some studies; of a data set with one structure, the wall round it is the second."""
        chosen = rng.choice(len(followed.source.pairs), count, replace=False)
        still = np.zeros(count, bool)
        positions = sample_probe(still, FRAMES, self.side, TURN, 0.0, rng, DEPTH)
        order = sample_order(count, mix, rng)
        clips, masks, at_ed = followed.source.clips(chosen, followed.structures, order, positions)
        if len(followed.structures) > 1:
            targets = [_some_of(each, slots, mix, rng) for each in masks]
        elif slots > 1:
            targets = list(with_walls(masks[:, :, 0], rng))
        else:
            targets = list(masks[:, :, 0].long())
        clips = vary(clips, at_ed, still, rng)
        shown = torch.stack(targets)
        if rng.random() < mix.sectors:
            seen = in_sector(positions, rng)
            clips, shown = clips * seen, shown * seen
        return clips, shown, torch.ones(count, FRAMES, dtype=torch.bool)

    def _part(self, slots: int, rng: np.random.Generator) -> Sample:
        """Sample random parts of an echo or MRI image that is bent more and more."""
        if rng.random() < ECHO_PARTS or not self.sources.studies:
            kinds = list(self.sources.pairs.values())
            images = kinds[int(rng.integers(len(kinds)))].source.pairs.images
            image = images[rng.integers(len(images)), rng.integers(2)]
        else:
            frames = self.sources.studies[rng.integers(len(self.sources.studies))].images
            image = frames[rng.integers(len(frames))]
        positions = sample_probe(np.zeros(1, bool), FRAMES, self.side, 180.0, 0.5, rng)
        clips, targets, at_first = sample_part(image, slots, positions, rng)
        return vary(clips, at_first, np.zeros(1, bool), rng), targets, torch.ones(1, FRAMES, dtype=torch.bool)

    def _heart(self, slots: int, rng: np.random.Generator) -> Sample:
        clips, targets = sample_heart(self.sources.studies, slots, self.side, rng)
        at_rest = identity(self.side).expand(1, FRAMES, -1, -1, -1)
        clips = vary(clips[None], at_rest, np.zeros(1, bool), rng)
        return clips, targets[None], torch.ones(1, FRAMES, dtype=torch.bool)

    def _beat(self, slots: int, mix: Mix, rng: np.random.Generator) -> Sample:
        positions = sample_probe(np.zeros(1, bool), FRAMES, self.side, TURN_MRI, 0.5, rng, DEPTH)
        clips, targets, judged = sample_beat_slice(self.sources.beats, slots, positions, mix, rng)
        return vary(clips, positions, np.zeros(1, bool), rng), targets, judged


def _some_of(masks: Tensor, slots: int, mix: Mix, rng: np.random.Generator) -> Tensor:
    """Return targets (k, H, W) of some of the structures (k, S, H, W) that the first frame shows, in random order."""
    shown = np.flatnonzero(masks[0].flatten(1).any(1).numpy())
    chosen = rng.permutation(shown)[:slots]
    found = masks[:, chosen]
    if len(chosen) == 1 and rng.random() < mix.halves:
        found = half_of(found[:, 0], rng)[:, None]
    numbers = torch.arange(1, len(chosen) + 1)[:, None, None]
    return (found * numbers).amax(1) if len(chosen) else torch.zeros_like(masks[:, 0], dtype=torch.int64)


def _normalised(images: Tensor) -> Tensor:
    """Normalise every clip by the grey window of its first frame, the drawn one, as at inference."""
    return torch.stack([normalise(clip, grey_window(clip[0].numpy())) for clip in images])
