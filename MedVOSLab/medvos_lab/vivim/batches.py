"""Batches of clips, balanced over the data sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from medvos_lab.augment import vary_grey
from medvos_lab.loop import TensorBatch
from medvos_lab.studies import study_weights
from medvos_lab.vivim.affine import AffineNet
from medvos_lab.vivim.clips import CLASSES, sample_clip
from medvos_lab.vivim.heart_studies import Heart

# How often each data set is drawn from, before normalising over those in use.
FRACTIONS = {"acdc": 0.75, "sunnybrook": 0.08, "synthetic": 0.17}
# Frames of the clips of a batch, and how often. Most of the labels are of two phases.
LENGTHS = {2: 0.6, 5: 0.3, 10: 0.1}


@dataclass(frozen=True)
class VivimBatch(TensorBatch):
    """
    Attributes
    ----------
    clips: (B, T, 3, H, W), normalised as at inference.
    targets: (B, T, H, W) int64 labels.
    known: (B, classes) bool, what was judged; what was not may be anywhere in the background.
    """

    clips: Tensor
    targets: Tensor
    known: Tensor


class VivimBatches:
    """Make the batch of any step, reproducible from seed and step number.

    Parameters
    ----------
    hearts: to make clips of.
    frames: in a batch, whatever the length of its clips.
    side: pixels of the network's image.
    seed: of the stream.
    affine: constraint on predicted contours, which the loss uses; None where only batches are needed.
    """

    def __init__(
        self, hearts: list[Heart], frames: int, side: int, seed: int = 0, affine: AffineNet | None = None
    ) -> None:
        by_source = {source: [heart for heart in hearts if heart.study.source == source] for source in FRACTIONS}
        self.by_source = {source: found for source, found in by_source.items() if found}
        self.weights = {s: study_weights([heart.study for heart in found]) for s, found in self.by_source.items()}
        self.frames, self.side, self.seed, self.affine = frames, side, seed, affine

    def __call__(self, step: int) -> VivimBatch:
        """Return the batch of this step."""
        rng = np.random.default_rng((self.seed, step))
        torch.manual_seed(int(rng.integers(2**31)))  # TorchIO draws from torch's generator
        length = int(rng.choice(list(LENGTHS), p=list(LENGTHS.values())))
        samples = [self._sample(length, rng) for _ in range(max(self.frames // length, 1))]
        clips, targets, known = (torch.stack(column) for column in zip(*samples, strict=True))
        return VivimBatch((clips - 0.5) / 0.25, targets, known)

    def _sample(self, length: int, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        fractions = np.array([FRACTIONS[source] for source in self.by_source])
        source = str(rng.choice(list(self.by_source), p=fractions / fractions.sum()))
        heart = self.by_source[source][int(rng.choice(len(self.weights[source]), p=self.weights[source]))]
        sample = sample_clip(heart, length, self.side, rng)
        known = torch.zeros(CLASSES, dtype=torch.bool)
        known[[0, *heart.study.structures]] = True
        return vary_grey(sample.images, rng), sample.labels, known
