"""Hearts in short-axis MRI, followed through phases and slices: other structures, another modality."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from medvos_lab.augment import choose_structures, make_sample
from medvos_lab.studies import Study
from medvos_lab.triplets import sample_triplet

# CSTM's training sees these hearts on 128 pixels of 1.3 mm; the slice beside them is not used here.
AT_THE_SLICE = 1


def sample_heart(studies: list[Study], slots: int, side: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Sample three frames of one heart: images (3, H, W) in [0, 1] and targets (3, H, W) int64, 1 to ``slots``."""
    seen: list[int] = []
    while not seen:  # a warp can push all of the seed out of the image
        study = studies[int(rng.integers(len(studies)))]
        sample = make_sample(study, sample_triplet(study, rng), side, rng)
        seen = choose_structures(study.structures, sample.labels, rng)
    lookup = torch.zeros(256, dtype=torch.int64)
    for slot, label in enumerate(rng.permutation(seen)[:slots]):
        lookup[int(label)] = slot + 1
    return sample.images[:, AT_THE_SLICE], lookup[sample.labels]
