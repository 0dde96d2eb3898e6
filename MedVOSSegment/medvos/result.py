"""What a propagation gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine


@dataclass(frozen=True)
class Result:
    """Every phase and slice segmented.

    Attributes
    ----------
    cine: what was segmented.
    labels: (T, Z, Y, X) uint8 label map.
    uncertainty: (T, Z, Y, X) float32, 0 sure to 1.
    slice_scores: (T, Z) float32, 0 sure to 1: the chance that the mask of this slice and phase is bad.
    seeds: (T, Z) bool, the slices that the user drew.
    provenance: how it was made: model, weights' SHA-256, device, seconds, terms of the weights, notes.
    probability: (T, Z, Y, X) float32 of obstruction, known at end-diastole alone; None where that was not looked for.
    """

    cine: Cine
    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.float32]
    slice_scores: NDArray[np.float32]
    seeds: NDArray[np.bool_]
    provenance: dict[str, Any] = field(default_factory=dict)
    probability: NDArray[np.float32] | None = None
