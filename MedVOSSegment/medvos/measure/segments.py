"""The 17 segments of the left ventricle (Cerqueira et al. 2002, Circulation 105:539-542), found from the masks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.measure.volumes import label_counts
from medvos.septum import lv_centre, septum_of
from medvos.structures import LV, MVO, MYO, RV

Labels = NDArray[np.uint8]

NAMES = {
    1: "basal anterior", 2: "basal anteroseptal", 3: "basal inferoseptal",
    4: "basal inferior", 5: "basal inferolateral", 6: "basal anterolateral",
    7: "mid anterior", 8: "mid anteroseptal", 9: "mid inferoseptal",
    10: "mid inferior", 11: "mid inferolateral", 12: "mid anterolateral",
    13: "apical anterior", 14: "apical septal", 15: "apical inferior", 16: "apical lateral", 17: "apex",
}  # fmt: skip
APEX = 17
BASAL, MID, APICAL = 0, 1, 2
# From the middle of the septum over the anterior wall round to the septum.
SIX_AROUND = np.array([2, 1, 6, 5, 4, 3])
FOUR_AROUND = np.array([14, 13, 16, 15])

ANGLE_BINS = 36
CLOSED = 0.95  # part of the ring that must be myocardium; rasters and contours leave small holes


@dataclass(frozen=True)
class RingSlice:
    """A slice whose myocardium is a closed ring.

    Attributes
    ----------
    z: slice number. level: ``BASAL``, ``MID`` or ``APICAL``. centre: (y, x) in mm from the first pixel.
    septum: direction of the middle of the septum, in rad from the image's right towards its lower side.
    turn: 1 where the anterior wall follows the septum in the direction of growing angles, else -1.
    """

    z: int
    level: int
    centre: NDArray[np.float64]
    septum: float
    turn: int

    def segment_of(self, points: NDArray[np.float64]) -> NDArray[np.int_]:
        """Segment numbers (...) of places (..., 2), which are (y, x) in mm."""
        away = points - self.centre
        around = self.turn * (np.arctan2(away[..., 0], away[..., 1]) - self.septum)
        if self.level == APICAL:
            return FOUR_AROUND[(np.floor(around / (np.pi / 2) + 0.5)).astype(int) % 4]
        return SIX_AROUND[np.floor(around / (np.pi / 3)).astype(int) % 6] + 6 * self.level


def ring_slices(labels: Labels, affine: NDArray[np.float64], base_last: bool | None = None) -> list[RingSlice]:
    """Return the slices of one phase (Z, Y, X) that can be divided into segments, from base to apex.

    Slices with a cavity and a closed ring of myocardium make three equal parts along the long axis, from the base to
    the end of the cavity (``base_last`` is as `from_base_to_apex` takes it). Round the ring, the middle of the septum
    lies half-way between the two insertion points of the RV; a slice without RV takes that of its nearest neighbour.
    The list is empty without an RV, and where fewer than three slices have a closed ring.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)[1::-1]
    if base_last is None:
        base_last = base_is_last(labels[None])
    rings = [z for z in from_base_to_apex(labels, base_last) if _is_ring(labels[z], spacing)]
    septa = {z: septum for z in rings if (septum := septum_of(labels[z], spacing)) is not None}
    if len(rings) < 3 or not septa:
        return []
    found = []
    for i, z in enumerate(rings):
        septum = septa[min(septa, key=lambda other: abs(other - z))]
        turn = _turn(bool(base_last), septum, affine)
        level = int(3 * (i + 0.5) / len(rings))
        found.append(RingSlice(z, level, lv_centre(labels[z], spacing), septum, turn))
    return found


def segment_map(labels: Labels, affine: NDArray[np.float64], base_last: bool | None = None) -> NDArray[np.uint8]:
    """Return the segment (1 to 17) of every voxel of the myocardium of one phase (Z, Y, X); 0 elsewhere.

    Above the first closed ring the myocardium belongs to no segment; below the last cavity it is the apex.
    ``base_last`` is as `from_base_to_apex` takes it.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)[1::-1]
    segments = np.zeros(labels.shape, np.uint8)
    rings = ring_slices(labels, affine, base_last)
    for ring in rings:
        pixels = np.nonzero(labels[ring.z] == MYO)
        segments[ring.z][pixels] = ring.segment_of(np.stack(pixels, axis=-1) * spacing)
    if rings:
        order = from_base_to_apex(labels, base_last)
        for z in order[order.index(rings[-1].z) + 1 :]:
            if not (labels[z] == LV).any():
                segments[z][labels[z] == MYO] = APEX
    return segments


def base_is_last(labels: Labels) -> bool | None:
    """Return whether the slice of the highest index is the basal end of a heart (T, Z, Y, X); None if not known.

    The apex is where the outline of both ventricles gets smaller; that of an LV with an aneurysm need not. A stack has
    one base: all phases decide together, so that fragments at one phase do not turn it around.
    """
    counts = label_counts(labels)
    areas = counts[..., RV : MVO + 1].sum(axis=2)  # (T, Z)
    drawn = np.flatnonzero(counts[..., RV + 1 : MVO + 1].any(axis=(0, 2)))
    # Not their sum: a slice may be labelled at more phases than the others.
    mean = areas.sum(axis=0) / np.maximum((areas > 0).sum(axis=0), 1)
    return bool(np.polyfit(drawn, mean[drawn], 1)[0] > 0) if len(drawn) > 1 else None


def from_base_to_apex(labels: Labels, base_last: bool | None = None) -> list[int]:
    """Slice numbers of one phase (Z, Y, X) in which the LV or its wall is drawn, the base first.

    ``base_last`` states whether the base is the slice of the highest index, as all phases have it; by default this
    phase decides alone.
    """
    drawn = np.flatnonzero(np.isin(labels, (MYO, LV)).any(axis=(1, 2)))
    if base_is_last(labels[None]) if base_last is None else base_last:
        drawn = drawn[::-1]
    return [int(z) for z in drawn]


def _turn(base_last: bool, septum: float, affine: NDArray[np.float64]) -> int:
    """Whether the anterior wall follows the septum clockwise (1) or not (-1) with x to the right and y down.

    Seen from the apex it does, so this is known from which end of the stack the apex is, and whether slices follow the
    cross product of x and y, as those that are read from files do. No short-axis stack lies exactly along the patient's
    axes: such an affine was made up, and the image is taken to be shown as usual, with the septum to the left seen
    from the apex.
    """
    axes = np.abs(affine[:3, :3]) / np.linalg.norm(affine[:3, :3], axis=0)
    if (axes.max(axis=0) > 1 - 1e-6).all():
        return 1 if np.cos(septum) < 0 else -1
    follow = np.linalg.det(affine[:3, :3]) > 0
    return 1 if base_last == follow else -1


def _is_ring(plane: Labels, spacing: NDArray[np.float64]) -> bool:
    """Whether a slice (Y, X) has a cavity with myocardium on all sides of it."""
    if not (plane == LV).any() or not (plane == MYO).any():
        return False
    away = np.argwhere(plane == MYO) * spacing - np.argwhere(plane == LV).mean(axis=0) * spacing
    bins = np.floor((np.arctan2(away[:, 0], away[:, 1]) / (2 * np.pi) + 0.5) * ANGLE_BINS).astype(int) % ANGLE_BINS
    return len(np.unique(bins)) >= CLOSED * ANGLE_BINS
