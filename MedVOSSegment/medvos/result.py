"""The result of a segmentation, with or without a seed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.notebook import curves_svg, table_html
from medvos.structures import name_of

# Provenance on single slices, which still holds for those that a correction keeps.
CARRIED = "carried"  # slice to the labels that the motion of the images carries there
REMOVED_RV = "rv_removed_in"  # slices in which a part of the RV beyond the LV was removed
STYLE_DRIFT = "style_drift_mm"  # by structure, how far outside what comes back from it a border is drawn
MISFIT = "misfit"  # drawings that do not come back from what was predicted from them
FOLLOWED = "followed"  # in a clip: structure to how far the network follows it, from 0, by motion alone, to 1
LEAST_FOLLOWED = 0.1  # below this, the reader is told
CHOSEN_PHASES = "chosen_phases"  # ED and ES, from 0, where a person chose them; else they are found from the volumes
OWN_NAMES = "own_names"  # label, as text, to the reader's name of a structure of their own
OF_SLICES = ("second_opinion", REMOVED_RV, STYLE_DRIFT, MISFIT, CARRIED)


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

    def __repr__(self) -> str:
        phases, slices = self.slice_scores.shape
        drawn = int(np.count_nonzero(self.seeds))
        structures = ", ".join(self._volumes_ml()) or "nothing labelled"
        model = self.provenance.get("model", "unknown")
        return f"Result({structures}; {phases} phases x {slices} slices, {drawn} drawn; model {model})"

    def _repr_html_(self) -> str:
        curves = {} if self.cine.is_echo else self._volumes_ml()
        rows = [
            ("phases x slices", " x ".join(map(str, self.slice_scores.shape))),
            ("drawn images", str(np.count_nonzero(self.seeds))),
            ("model", str(self.provenance.get("model", "unknown"))),
            ("images that are probably bad", str(np.count_nonzero(self.slice_scores > 0.5))),
        ]
        return curves_svg(self.cine.times, curves, "mL", {}) + table_html(rows, ("result", ""))

    def _volumes_ml(self) -> dict[str, NDArray[np.float64]]:
        """Structure name to (T,) volume by slice summation; of an echo clip, areas that have no meaning in mL."""
        voxel_ml = abs(np.linalg.det(self.cine.affine[:3, :3])) / 1000
        labels = [int(label) for label in np.flatnonzero(np.bincount(self.labels.ravel())) if label]
        return {name_of(label): voxel_ml * (self.labels == label).sum((1, 2, 3), dtype=float) for label in labels}


def with_chosen_phases(result: Result, ed: int | None, es: int | None) -> Result:
    """Return a result that is measured at these phases, counted from 0; with None twice at those that are found.

    >>> with_chosen_phases(result, 0, 9).provenance["chosen_phases"]  # doctest: +SKIP
    {'ED': 0, 'ES': 9}
    """
    others = {key: value for key, value in result.provenance.items() if key != CHOSEN_PHASES}
    chosen = {} if ed is None and es is None else {CHOSEN_PHASES: {"ED": ed, "ES": es}}
    return replace(result, provenance={**others, **chosen})
