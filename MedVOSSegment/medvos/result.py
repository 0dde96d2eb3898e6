"""The result of a segmentation, with or without a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine


@dataclass(frozen=True)
class Result:
    """Labels, uncertainty and provenance of every phase and slice.

    Attributes
    ----------
    cine: the images.
    labels: (T, Z, Y, X) uint8 label map.
    uncertainty: (T, Z, Y, X) float32, 0 certain to 1.
    slice_scores: (T, Z) float32, the probability that the mask of this slice and phase is bad.
    seeds: (T, Z) bool, the drawn slices.
    provenance: as of `medvos.provenance`: model, weights' SHA-256, device, seconds, terms of the weights, notes.
    probability: (T, Z, Y, X) float32 of obstruction, at end-diastole alone; None where it was not predicted.
    """

    cine: Cine
    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.float32]
    slice_scores: NDArray[np.float32]
    seeds: NDArray[np.bool_]
    provenance: dict[str, Any] = field(default_factory=dict)
    probability: NDArray[np.float32] | None = None
