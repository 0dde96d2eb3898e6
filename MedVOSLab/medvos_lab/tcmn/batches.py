"""Batches of three ordered frames with structures to follow: the LV of echo, random parts, hearts in MRI."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.propagation.intensity import grey_window, normalise
from medvos_lab.datasets.echonet import EchoPairs
from medvos_lab.loop import TensorBatch
from medvos_lab.motion.clips import make_clips, sample_probe
from medvos_lab.motion.flow import identity
from medvos_lab.studies import Study
from medvos_lab.tcmn.heart_samples import sample_heart
from medvos_lab.tcmn.mix import LEAPS, USUAL, Mix
from medvos_lab.tcmn.order import FRAMES, sample_order
from medvos_lab.tcmn.parts import sample_part, with_walls
from medvos_lab.ultrasound import vary

TURN = 15.0  # degrees


@dataclass(frozen=True)
class TcmnBatch(TensorBatch):
    """
    Attributes
    ----------
    images: (B, 3, H, W), normalised as at inference.
    targets: (B, 3, H, W) int64, slot + 1 of the structure, 0 elsewhere.
    seeded: (B, S) bool, the slots that the first frame shows.
    """

    images: Tensor
    targets: Tensor
    seeded: Tensor


class TcmnBatches:
    """Make the batch of any step, reproducible from seed and step number.

    Parameters
    ----------
    pairs: to make clips from.
    velocities: (N, 2, 14, 14) of their paths.
    studies: hearts in MRI.
    size: samples in a batch.
    side: pixels of the network's image.
    seed: of the stream.
    leaps_from: the step from which the mix is that of the end of a training; default none.
    """

    def __init__(
        self,
        pairs: EchoPairs,
        velocities: NDArray[np.float16],
        studies: list[Study],
        size: int,
        side: int,
        seed: int = 0,
        leaps_from: int | None = None,
    ) -> None:
        self.pairs, self.velocities, self.studies = pairs, velocities, studies
        self.size, self.side, self.seed, self.leaps_from = size, side, seed, leaps_from

    def __call__(self, step: int) -> TcmnBatch:
        """Return the batch of this step."""
        rng = np.random.default_rng((self.seed, step))
        mix = LEAPS if self.leaps_from is not None and step >= self.leaps_from else USUAL
        slots = 2 if rng.random() < mix.two_structures else 1
        beats, parts, hearts = rng.multinomial(self.size, mix.fractions)
        found = [self._beats(beats, slots, mix, rng)] if beats else []
        found += [self._part(slots, rng) for _ in range(parts)]
        found += [self._heart(slots, rng) for _ in range(hearts)]
        images, targets = (torch.cat(column) for column in zip(*found, strict=True))
        numbers = torch.arange(1, slots + 1)
        seeded = (targets[:, 0].flatten(1)[:, :, None] == numbers).any(1)
        return TcmnBatch(_normalised(images), targets, seeded)

    def _beats(self, count: int, slots: int, mix: Mix, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Sample the LV of some studies, and where two structures are wanted, the wall round it."""
        chosen = rng.choice(len(self.pairs.images), count, replace=False)
        still = np.zeros(count, bool)
        clips, masks, at_ed = make_clips(
            torch.from_numpy(self.pairs.images[chosen]).float() / 255,
            torch.from_numpy(self.pairs.masks[chosen, :, None]).float(),
            torch.from_numpy(self.velocities[chosen]).float(),
            sample_order(count, mix, rng),
            sample_probe(still, FRAMES, self.side, TURN, 0.0, rng),
        )
        masks = masks[:, :, 0]
        targets = masks.long() if slots == 1 else with_walls(masks, rng)
        return vary(clips, at_ed, still, rng), targets

    def _part(self, slots: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Sample random parts of an echo or MRI image that is bent more and more."""
        if rng.random() < 0.6:
            image = self.pairs.images[rng.integers(len(self.pairs.images)), rng.integers(2)]
        else:
            frames = self.studies[rng.integers(len(self.studies))].images
            image = frames[rng.integers(len(frames))]
        positions = sample_probe(np.zeros(1, bool), FRAMES, self.side, 180.0, 0.5, rng)
        clips, targets, at_first = sample_part(image, slots, positions, rng)
        return vary(clips, at_first, np.zeros(1, bool), rng), targets

    def _heart(self, slots: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        clips, targets = sample_heart(self.studies, slots, self.side, rng)
        at_rest = identity(self.side).expand(1, FRAMES, -1, -1, -1)
        return vary(clips[None], at_rest, np.zeros(1, bool), rng), targets[None]


def _normalised(images: Tensor) -> Tensor:
    """Normalise every clip by the grey window of its first frame, the drawn one, as at inference."""
    return torch.stack([normalise(clip, grey_window(clip[0].numpy())) for clip in images])
