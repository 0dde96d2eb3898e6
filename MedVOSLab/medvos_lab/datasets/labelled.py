"""A cine with the expert's labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.evaluate.metrics import NOT_LABELLED
from medvos.structures import STRUCTURES


@dataclass(frozen=True)
class LabelledCine:
    """One case of a data set.

    Experts rarely draw everything: whole phases, slices or single structures are left out. A voxel that no expert
    judged is 255, never background. Where one structure was drawn and others were not (a cavity without its wall),
    the voxels outside it are 255 too, yet known not to be that structure, see ``known``.

    Attributes
    ----------
    name: the case's name in its data set, which is no patient's name.
    cine: the images.
    labels: (T, Z, Y, X) uint8, 0 background, 1 RV, 2 Myo, 3 LV, 255 not labelled.
    group: diagnosis group within the data set.
    drawn: (T, Z, 4) bool, indexed by label number: was the full extent of this structure judged in this slice and
        phase? None where the labels tell: slices without any 255 are judged in full, the others not at all.
    """

    name: str
    cine: Cine
    labels: NDArray[np.uint8]
    group: str
    drawn: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.labels.shape != self.cine.shape:
            raise ValueError(f"labels {self.labels.shape} and cine {self.cine.shape} differ in shape")

    def known(self, label: int) -> NDArray[np.bool_]:
        """Return (T, Z) bool: slices and phases in which the full extent of ``label`` was judged, be it empty."""
        if self.drawn is not None:
            return self.drawn[:, :, label]
        return ~(self.labels == NOT_LABELLED).any(axis=(2, 3))

    @property
    def structures(self) -> tuple[int, ...]:
        """Labels of the structures that were drawn somewhere in this case."""
        return tuple(s.label for s in STRUCTURES if ((self.labels == s.label).any() and self.known(s.label).any()))
