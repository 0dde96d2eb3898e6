"""Positions in the beat of three ordered frames."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from medvos_lab.tcmn.mix import Mix

FRAMES = 3
# Phase between neighbouring frames of a clip (pi is from ED to ES), and how many frames may be skipped.
STEP = (0.08, 0.35)
MOST_SKIPPED = 5
FROM_A_REAL_FRAME = 0.4


def sample_order(count: int, mix: Mix, rng: np.random.Generator) -> Tensor:
    """Sample (B, 3) positions between ED (0) and ES (1), never turning back; half of the clips go from ES to ED."""
    fractions = np.stack([_whole(mix, rng) if rng.random() < mix.whole else _near(rng) for _ in range(count)])
    turned = rng.random(count) < 0.5
    fractions[turned] = 1 - fractions[turned]
    return torch.from_numpy(fractions.astype(np.float32))


def _whole(mix: Mix, rng: np.random.Generator) -> np.ndarray:
    return np.array([0.0, 1.0 if rng.random() < mix.at_once else rng.uniform(0, 1), 1.0])


def _near(rng: np.random.Generator) -> np.ndarray:
    """Sample three frames of a clip with up to five skipped between them; the position follows a cosine."""
    first = 0.0 if rng.random() < FROM_A_REAL_FRAME else rng.uniform(0, 0.8 * np.pi)
    gaps = rng.integers(1, MOST_SKIPPED + 2, FRAMES - 1) * rng.uniform(*STEP)
    phases = np.minimum(first + np.concatenate([[0.0], np.cumsum(gaps)]), np.pi)
    return (1 - np.cos(phases)) / 2
