"""Measure thickness and thickening of the LV wall in each of the 17 segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.measure.centreline import wall_thickness
from medvos.measure.segments import APEX, NAMES, base_is_last, ring_slices
from medvos.structures import LV, MYO, RV
from medvos.uncertainty.unreliable import unreliable

RIM = 4  # pixels
# Part of a segment on unreliable contours from which on its thickness is unreliable; a level has about three slices.
A_SLICE_OF_IT = 0.25
# Mean thickness of a segment in mm, and the part of it on slices with unreliable contours.
Found = tuple[float, float]
NO_APEX = "the apical cap lies parallel to the short-axis slices, which do not show its thickness"


@dataclass(frozen=True)
class WallSegment:
    """One segment of the wall. ``reason`` states why a number is None.

    Attributes
    ----------
    number, name: as defined by the American Heart Association, 1 to 17.
    ed_mm, es_mm: mean thickness at end-diastole and end-systole in mm.
    thickening: ``(es_mm - ed_mm) / ed_mm`` in %.
    unreliable_ed, unreliable_es: whether a quarter of it or more lies on slices with probably bad contours.
    """

    number: int
    name: str
    ed_mm: float | None = None
    es_mm: float | None = None
    thickening: float | None = None
    reason: str | None = None
    unreliable_ed: bool = False
    unreliable_es: bool = False

    @property
    def unreliable(self) -> bool:
        """Whether its contours are unreliable at ED or at ES, and with them the thickening."""
        return self.unreliable_ed or self.unreliable_es


def wall_segments(
    labels: NDArray[np.uint8],
    affine: NDArray[np.float64],
    ed: int | None,
    es: int | None,
    scores: NDArray[np.float32] | None = None,
) -> tuple[WallSegment, ...]:
    """Measure the 17 segments at ED and ES of (T, Z, Y, X) labels.

    Each phase is divided into segments by itself: a segment is the same muscle, which moves as the base descends.
    ``scores`` (T, Z) are the probabilities that the contours of a slice are bad.
    """
    missing = _missing(labels, ed, es)
    labels = _heart(labels)
    bad = np.zeros(labels.shape[:2], bool) if scores is None else unreliable(scores)
    last = base_is_last(labels)
    at_ed, at_es = ({} if t is None or missing else _thickness(labels[t], affine, bad[t], last) for t in (ed, es))
    if not missing and not at_ed:
        missing = (
            "fewer than three slices at ED have a closed ring of myocardium, or none of them shows the RV's septum"
        )
    return tuple(_segment(number, at_ed.get(number), at_es.get(number), missing) for number in NAMES)


def _segment(number: int, ed: Found | None, es: Found | None, missing: str | None) -> WallSegment:
    if missing or number == APEX:
        return WallSegment(number, NAMES[number], reason=missing or NO_APEX)
    ed_mm, es_mm = (None if found is None else found[0] for found in (ed, es))
    thickening = None if ed_mm is None or es_mm is None else 100 * (es_mm - ed_mm) / ed_mm
    where = [name for name, value in (("ED", ed_mm), ("ES", es_mm)) if value is None]
    reason = f"no closed ring of myocardium shows this segment at {' and '.join(where)}" if where else None
    on_bad = (found is not None and found[1] >= A_SLICE_OF_IT for found in (ed, es))
    return WallSegment(number, NAMES[number], ed_mm, es_mm, thickening, reason, *on_bad)


def _thickness(
    labels: NDArray[np.uint8], affine: NDArray[np.float64], bad: NDArray[np.bool_], base_last: bool | None
) -> dict[int, Found]:
    """Return mean thickness in mm and the part on bad slices (Z,) of each segment at one phase (Z, Y, X)."""
    x, y = np.linalg.norm(affine[:3, :2], axis=0)
    segments, values, on_bad = [np.empty(0, int)], [np.empty(0)], [np.empty(0, bool)]
    for ring in ring_slices(labels, affine, base_last):
        plane = labels[ring.z]
        points, thickness = wall_thickness(plane == LV, plane == MYO, (float(y), float(x)))
        segments.append(ring.segment_of(points))
        values.append(thickness)
        on_bad.append(np.full(len(thickness), bad[ring.z]))
    number, value, where = np.concatenate(segments), np.concatenate(values), np.concatenate(on_bad)
    return {int(n): (float(value[number == n].mean()), float(where[number == n].mean())) for n in np.unique(number)}


def _heart(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Crop (T, Z, Y, X) labels to the rows and columns of the ventricles, with a margin."""
    rows, columns = (np.flatnonzero(labels.any(axis=axes)) for axes in ((0, 1, 3), (0, 1, 2)))
    if not len(rows):
        return labels
    return labels[..., max(0, rows[0] - RIM) : rows[-1] + RIM + 1, max(0, columns[0] - RIM) : columns[-1] + RIM + 1]


def _missing(labels: NDArray[np.uint8], ed: int | None, es: int | None) -> str | None:
    for label, name in ((LV, "LV"), (MYO, "Myo"), (RV, "RV")):
        if not (labels == label).any():
            found = ", so the septum cannot be located" if label == RV else ""
            return f"no voxel is labelled {name}{found}"
    return "ED and ES are not known: fewer than two phases are labelled" if ed is None or es is None else None
