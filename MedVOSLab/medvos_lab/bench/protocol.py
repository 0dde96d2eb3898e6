"""The protocol of CSTM (Ye et al.): one drawn mid slice at ED, everything else predicted and scored.

The drawn slice at its own phase is left out of Dice, HD95 and slice counts. Volumes and EF are those of the whole
heart, with the drawn slice on both sides, since that is what a reader gets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.structures import LV
from medvos_lab.datasets.labelled import LabelledCine


@dataclass(frozen=True)
class Trial:
    """One case made ready for the protocol.

    Attributes
    ----------
    case: the labelled case.
    phase, slice: where the seed is drawn.
    ed, es: phases of the largest and the smallest LV among the labelled ones.
    """

    case: LabelledCine
    phase: int
    slice: int
    ed: int
    es: int

    @property
    def seed(self) -> Seed:
        """The expert's labels of the seed slice, and of no other."""
        drawn = np.zeros(self.case.cine.shape[:2], bool)
        drawn[self.phase, self.slice] = True
        labels = np.zeros_like(self.case.labels)
        truth = self.case.labels[self.phase, self.slice]
        labels[self.phase, self.slice] = np.where(np.isin(truth, self.case.structures), truth, 0)
        return Seed(labels=labels, drawn=drawn)

    def scored(self, label: int) -> NDArray[np.bool_]:
        """Return (T, Z) bool: where a structure is judged and the method did not get to see it."""
        scored = self.case.known(label).copy()
        scored[self.phase, self.slice] = False
        return scored

    def measured_slices(self, label: int) -> NDArray[np.bool_]:
        """Return (Z,) bool: slices judged at both ED and ES, over which volumes are compared."""
        known = self.case.known(label)
        return known[self.ed] & known[self.es]


def prepare(case: LabelledCine) -> Trial:
    """Choose the seed: at ED, the middle one of the slices in which every structure of the case is drawn.

    Of an even number of slices it is the later of the two in the middle.

    Raises
    ------
    InputError: no slice at ED has every structure of the case.
    """
    ed, es = ed_and_es(case)
    candidates = [z for z in range(case.cine.shape[1]) if _shows_all(case, ed, z)]
    if not candidates:
        raise InputError(f"{case.name} has no slice at ED in which every structure is labelled, so none can be seed.")
    return Trial(case, phase=ed, slice=candidates[len(candidates) // 2], ed=ed, es=es)


def ed_and_es(case: LabelledCine) -> tuple[int, int]:
    """Return labelled phases with the largest and the smallest LV, over the slices judged in all of them.

    Raises
    ------
    InputError: the LV is labelled in fewer than two phases.
    """
    known = case.known(LV)
    phases = np.flatnonzero(known.any(axis=1))
    if len(phases) < 2:
        raise InputError(f"{case.name} has the LV labelled in {len(phases)} phases; ED and ES are needed.")
    common = known[phases].all(axis=0)
    area = (case.labels[phases][:, common] == LV).sum(axis=(1, 2, 3))
    return int(phases[area.argmax()]), int(phases[area.argmin()])


def _shows_all(case: LabelledCine, phase: int, at: int) -> bool:
    labels = case.labels[phase, at]
    return all(case.known(s)[phase, at] and (labels == s).any() for s in case.structures)
