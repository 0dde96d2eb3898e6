"""Void what rests on a structure that is missing in a slice between slices that have it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from medvos.measure.catalogue import names_resting_on, row_of
from medvos.measure.doubt import Doubt
from medvos.measure.measures import Measures
from medvos.structures import LV, MYO, RV, name_of

# Of the volume with the missing part, below which it is a few stray voxels beyond the end of the structure.
LEAST_MISSING = 0.02
# Times the volume at ED, above which a phase whose missing part is filled in would have been ED.
LARGER = 1.05


def hole_doubts(measures: Measures, slice_counts: NDArray[np.int64], chosen: bool = False) -> list[Doubt]:
    """Return the doubts on LV, wall and RV that have no label in a slice, but on both sides of it.

    The sum over the slices is too small there. At ED and ES it voids what rests on it; other phases are left out of the
    rates (`without_holes`). In the expert's contours of ACDC's 100 patients no structure has such a hole.

    Parameters
    ----------
    measures: of a short-axis stack.
    slice_counts: (T, Z, 256) voxels of each label in each slice.
    chosen: whether a person chose ED, which no volume can then contradict.

    >>> hole_doubts(measures, label_counts(labels))[0].voids
    ('LVESV', 'LVSV', 'LVEF', 'CO', 'LVPER', 'LVPFR')
    """
    at = {"ED": measures.ed, "ES": measures.es}
    doubts = []
    for label in (LV, MYO, RV):
        areas = slice_counts[..., label]
        doubts += [_at(label, areas[phase], when, phase) for when, phase in at.items() if phase is not None]
        doubts.append(_elsewhere(label, areas, at.values()))
    if measures.ed is not None and not chosen:
        doubts.append(_larger(slice_counts[..., LV], measures.ed))
    return [doubt for doubt in doubts if doubt is not None]


def _holes(areas: NDArray[np.int64]) -> tuple[NDArray[np.int_], float]:
    """Return the slices (Z,) without voxels between slices that have some, and the fraction of the volume they lack."""
    filled = np.flatnonzero(areas)
    holes = np.setdiff1d(np.arange(filled[0], filled[-1]), filled) if len(filled) else filled
    # At least as much as in the smaller one of the nearest slices that have it.
    missing = sum(min(areas[filled[filled < z][-1]], areas[filled[filled > z][0]]) for z in holes)
    return holes, float(missing / max(areas.sum() + missing, 1))


def _at(label: int, areas: NDArray[np.int64], when: str, phase: int) -> Doubt | None:
    holes, part = _holes(areas)
    if not len(holes):
        return None
    reason = (
        f"the {name_of(label)} has no label in {_slices(holes)} at {when} (phase {phase + 1}), counted from 1, but has "
        "some on both sides: draw it there, or erase what is beyond"
    )
    names = (name for name in names_resting_on(label) if when in row_of(name).phases or not row_of(name).phases)
    return Doubt(reason, voids=tuple(names) if part >= LEAST_MISSING else ())


def _slices(holes: NDArray[np.int_]) -> str:
    return f"slice{'s' if len(holes) > 1 else ''} {', '.join(str(z + 1) for z in holes)}"


def _elsewhere(label: int, areas: NDArray[np.int64], but: Collection[int | None]) -> Doubt | None:
    """Doubt the curve of a ventricle (T, Z) that has a hole at other phases ``but`` these."""
    phases = [int(t) for t in _with_a_hole(areas) if t not in but]
    if not phases or label not in (LV, RV):
        return None
    several = f"{len(phases)} phases, of which the first is " if len(phases) > 1 else ""
    slice_ = _holes(areas[phases[0]])[0][0]
    return Doubt(
        f"the {name_of(label)} has no label in slice {slice_ + 1} at {several}phase {phases[0] + 1}, counted from 1, "
        "but has some on both sides: its volume there is too small and left out of the peak rates"
    )


def _larger(areas: NDArray[np.int64], ed: int) -> Doubt | None:
    """Void what is measured at ED where the LV (T, Z) would be larger at a phase that has a hole."""
    filled = {t: areas[t].sum() / (1 - _holes(areas[t])[1]) for t in _with_a_hole(areas) if t != ed}
    phase = max(filled, key=lambda t: filled[t], default=ed)
    if phase == ed or filled[phase] < LARGER * areas[ed].sum():
        return None
    names = {name for label in (LV, MYO, RV) for name in names_resting_on(label) if "ED" in row_of(name).phases}
    return Doubt(
        f"the LV has no label in {_slices(_holes(areas[phase])[0])} at phase {phase + 1}, counted from 1, but has some "
        "on both sides, and may be largest there: draw it there, or choose ED",
        voids=tuple(sorted(names)),
    )


def _with_a_hole(areas: NDArray[np.int64]) -> list[int]:
    return [t for t, of_phase in enumerate(areas) if _holes(of_phase)[1] >= LEAST_MISSING]


def without_holes(
    curves: Mapping[str, NDArray[np.float64]], slice_counts: NDArray[np.int64], but: Collection[int | None]
) -> dict[str, NDArray[np.float64]]:
    """Return the volume curves (T,) of LV and RV, NaN at phases ``but`` these at which a part of it is missing.

    >>> without_holes(volumes_of(counts, affine), counts, (0, 3))["LV"]  # doctest: +SKIP
    array([120., 100., nan, 60.])
    """
    whole = {}
    for label in (LV, RV):
        if (name := name_of(label)) in curves:
            whole[name] = curves[name].copy()
            whole[name][[t for t in _with_a_hole(slice_counts[..., label]) if t not in but]] = np.nan
    return whole
