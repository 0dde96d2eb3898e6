"""Batches of triplets, balanced over the data sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from medvos_lab.augment import assign_slots, choose_structures, make_sample, vary_grey
from medvos_lab.loop import TensorBatch
from medvos_lab.studies import Study, study_weights
from medvos_lab.style import vary_style
from medvos_lab.triplets import sample_triplet

# How often each data set is drawn from, before normalising over those in use.
FRACTIONS = {"acdc": 0.7, "sunnybrook": 0.1, "synthetic": 0.15}


@dataclass(frozen=True)
class TripletBatch(TensorBatch):
    """B triplets of frames.

    Attributes
    ----------
    images: (B, 3, 3, H, W), normalised as at inference.
    targets: (B, 3, H, W) int64, slot + 1 of the structure, 0 elsewhere.
    seeded: (B, S) bool, the slots in use.
    """

    images: Tensor
    targets: Tensor
    seeded: Tensor


class TripletBatches:
    """Make the batch of any step, reproducible from seed and step number."""

    def __init__(self, studies: list[Study], size: int, side: int, group: int, seed: int = 0) -> None:
        self.by_source = {s: [study for study in studies if study.source == s] for s in FRACTIONS}
        self.by_source = {s: found for s, found in self.by_source.items() if found}
        self.weights = {s: study_weights(found) for s, found in self.by_source.items()}
        self.size, self.side, self.group, self.seed = size, side, group, seed

    def __call__(self, step: int) -> TripletBatch:
        """Return the batch of this step."""
        rng = np.random.default_rng((self.seed, step))
        torch.manual_seed(int(rng.integers(2**31)))  # TorchIO draws from torch's generator
        # At times the structures are spread over two groups, so that the sum of the others is not always empty.
        scatter = self.group > 1 and rng.random() < 0.05
        slots = max(self.group, 3) * (2 if scatter else 1)
        samples = [self._sample(slots, scatter, rng) for _ in range(self.size)]
        images, targets, seeded = (torch.stack(column) for column in zip(*samples, strict=True))
        return TripletBatch((images - 0.5) / 0.25, targets, seeded)

    def _sample(self, slots: int, scatter: bool, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        names = list(self.by_source)
        fractions = np.array([FRACTIONS[name] for name in names])
        source = str(rng.choice(names, p=fractions / fractions.sum()))
        studies, weights = self.by_source[source], self.weights[source]
        seen: list[int] = []
        while not seen:  # a warp can push all of the seed out of the image
            study = studies[int(rng.choice(len(studies), p=weights))]
            triplet = sample_triplet(study, rng)
            sample = make_sample(study, triplet, self.side, rng)
            structures = study.judged(triplet)
            seen = choose_structures(structures, sample.labels, rng)
        slot_of = assign_slots(seen, slots, scatter, rng)
        lookup = torch.zeros(256, dtype=torch.int64)
        seeded = torch.zeros(slots, dtype=torch.bool)
        for label, slot in slot_of.items():
            lookup[label] = slot + 1
            seeded[slot] = True
        drawn = torch.where(torch.isin(sample.labels, torch.tensor(structures)), sample.labels, 0)
        labels = vary_style(drawn, structures, rng)
        return vary_grey(sample.images, rng), lookup[labels], seeded
