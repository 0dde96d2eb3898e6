"""Phase and slice of a seed's one drawn slice."""

from __future__ import annotations

import numpy as np

from medvos.cine.seed import Seed
from medvos.errors import InputError


def seed_place(seed: Seed) -> tuple[int, int]:
    """Return phase and slice of the drawn slice.

    Raises
    ------
    InputError: not exactly one slice is drawn.
    """
    places = np.argwhere(seed.drawn)
    if len(places) != 1:
        raise InputError(f"The baselines start from one drawn slice, and this seed has {len(places)}; keep one.")
    phase, at = places[0]
    return int(phase), int(at)
