"""Baseline that pastes the drawn slice everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos_lab.bench.baselines.seed_place import seed_place


def copy_seed(cine: Cine, seed: Seed) -> NDArray[np.uint8]:
    """Return the seed's labels in every slice and phase: (T, Z, Y, X) uint8."""
    phase, at = seed_place(seed)
    return np.broadcast_to(seed.labels[phase, at], cine.shape).astype(np.uint8)
