"""Base, middle and apex of the heart, as cardiac papers score them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.structures import LV, RV, STRUCTURES
from medvos_lab.datasets.labelled import LabelledCine

WHOLE = "whole"
REGIONS = ("base", "middle", "apex")


def regions(case: LabelledCine) -> dict[str, NDArray[np.bool_]]:
    """Return slices of each region: (Z,) bool for ``whole``, ``base``, ``middle`` and ``apex``.

    The slices that any structure covers in any labelled phase are cut into three runs of equal length; what does
    not divide goes to the middle first, then to the base. ``whole`` is every slice, covered or not. The base is the
    end where the RV is the larger, or the LV where no RV is drawn.
    """
    n_slices = case.cine.shape[1]
    covered = np.flatnonzero(heart_slices(case))
    order = covered if _base_comes_first(case, covered) else covered[::-1]
    third, rest = divmod(len(order), 3)
    n_base, n_middle = third + (rest == 2), third + (rest >= 1)
    runs = np.split(order, [n_base, n_base + n_middle])
    masks = {WHOLE: np.ones(n_slices, bool)}
    for name, run in zip(REGIONS, runs, strict=True):
        masks[name] = np.isin(np.arange(n_slices), run)
    return masks


def heart_slices(case: LabelledCine) -> NDArray[np.bool_]:
    """Return (Z,) bool: slices in which any structure is labelled in any phase."""
    labels = tuple(s.label for s in STRUCTURES)
    return np.asarray(np.isin(case.labels, labels).any(axis=(0, 2, 3)))


def _base_comes_first(case: LabelledCine, covered: NDArray[np.intp]) -> bool:
    """Whether the stack runs from base to apex, by the two slices at each of its ends."""
    # Aneurysms make the LV's apex the wider end, so the RV decides where it is drawn.
    widest_at_base = RV if RV in case.structures else LV
    area = (case.labels == widest_at_base).sum(axis=(0, 2, 3))[covered]
    return bool(area[:2].sum() >= area[-2:].sum())
