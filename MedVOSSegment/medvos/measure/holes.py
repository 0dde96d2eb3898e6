"""Void what rests on a structure that is missing in a slice between slices that have it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.measure.catalogue import names_resting_on, row_of
from medvos.measure.doubt import Doubt
from medvos.measure.measures import Measures
from medvos.structures import LV, MYO, RV, name_of

# Of the volume with the missing part, below which it is a few stray voxels beyond the end of the structure.
LEAST_MISSING = 0.02


def hole_doubts(measures: Measures, slice_counts: NDArray[np.int64]) -> list[Doubt]:
    """Return the doubts on LV, wall and RV that have no label in a slice at ED or ES, but on both sides of it.

    The sum over the slices is too small there. In the expert's contours of ACDC's 100 patients no structure is missing
    so.

    Parameters
    ----------
    measures: of a short-axis stack.
    slice_counts: (T, Z, 256) voxels of each label in each slice.

    >>> hole_doubts(measures, label_counts(labels))[0].voids
    ('LVESV', 'LVSV', 'LVEF', 'CO', 'LVPER', 'LVPFR')
    """
    return [
        doubt
        for label in (LV, MYO, RV)
        for when, phase in (("ED", measures.ed), ("ES", measures.es))
        if phase is not None and (doubt := _doubt(label, slice_counts[phase, :, label], when, phase)) is not None
    ]


def _doubt(label: int, areas: NDArray[np.int64], when: str, phase: int) -> Doubt | None:
    filled = np.flatnonzero(areas)
    holes = np.setdiff1d(np.arange(filled[0], filled[-1]), filled) if len(filled) else filled
    if not len(holes):
        return None
    # At least as much as in the smaller one of the nearest slices that have it.
    missing = sum(min(areas[filled[filled < z][-1]], areas[filled[filled > z][0]]) for z in holes)
    part = float(missing / (areas.sum() + missing))
    slices = f"slice{'s' if len(holes) > 1 else ''} {', '.join(str(z + 1) for z in holes)}"
    reason = (
        f"the {name_of(label)} has no label in {slices} at {when} (phase {phase + 1}), counted from 1, but has some on "
        "both sides: draw it there, or erase what is beyond"
    )
    names = (name for name in names_resting_on(label) if when in row_of(name).phases or not row_of(name).phases)
    return Doubt(reason, voids=tuple(names) if part >= LEAST_MISSING else ())
