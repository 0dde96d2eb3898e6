"""Plausibility checks of a drawn seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.structures import LV, MYO, RV, STRUCTURES, name_of
from MedVOSSegmentLib.session.label_cache import LabelCache
from MedVOSSegmentLib.text import tr

SMALLEST_PIXELS = 9
# From a newborn's ventricle near the apex to a failing heart that fills the chest, in a slice.
PLAUSIBLE_MM2 = (40.0, 9000.0)
LARGEST_FRACTION_OF_IMAGE = 0.6
# Fraction of a structure's pixels apart from its largest component that may be a slip of the brush.
SMALL_COMPONENT_FRACTION = 0.02
# The outflow tract and the mitral plane of a long axis leave the ring open.
CLOSED_FRACTION = 0.6
BARELY_FRACTION = 0.1

Spacing = tuple[float, float] | None


@dataclass(frozen=True)
class Fault:
    """One sentence on a fault of a seed; a blocking fault would make the propagation worthless."""

    sentence: str
    blocking: bool = False

    def __str__(self) -> str:
        return self.sentence


NOTHING_DRAWN = Fault(tr("Nothing is drawn yet: draw the LV, the myocardium and the RV on one slice."), blocking=True)
ONLY_A_DOT_IN_A_CLIP = Fault(tr("Only a dot is drawn: draw the structure whole, or erase it."), blocking=True)
ONLY_A_DOT = Fault(tr("Only a dot is drawn: draw the LV, the myocardium and the RV on one slice."), blocking=True)


@dataclass(frozen=True)
class SliceCheck:
    """One drawn slice: the labels of its structures, the pixels of the largest, and its faults."""

    structures: frozenset[int]
    pixels: int
    faults: tuple[Fault, ...]


class SeedCheck:
    """Finds the faults of a drawing; only slices that have changed since the last call are checked again.

    Parameters
    ----------
    spacing: (y, x) of a pixel in mm; None where it is not known.
    clip: the cine is a clip, in which any structure may be drawn, or none.
    """

    def __init__(self, spacing: Spacing, *, clip: bool = False) -> None:
        self._spacing, self._clip = spacing, clip
        self._checks: dict[tuple[int, int], tuple[int, SliceCheck]] = {}

    def faults(self, cache: LabelCache, drawn: NDArray[np.bool_]) -> list[Fault]:
        """Return the faults of the slices (T, Z) that the user drew, blocking faults first."""
        places = [(int(t), int(z)) for t, z in np.argwhere(drawn & cache.filled)]
        return drawing_faults([self._check(cache, place) for place in places], clip=self._clip)

    def _check(self, cache: LabelCache, place: tuple[int, int]) -> SliceCheck:
        mark = int(cache.marks[place])
        before = self._checks.get(place)
        if before is None or before[0] != mark:
            before = self._checks[place] = mark, check_slice(cache.labels[place], self._spacing, place, clip=self._clip)
        return before[1]


def check_slice(
    labels: NDArray[np.uint8], spacing: Spacing, place: tuple[int, int], *, clip: bool = False
) -> SliceCheck:
    """Check one drawn slice (Y, X); ``place`` is its phase and its index, named from 1 in the faults."""
    counts = np.bincount(labels.ravel())
    structures = frozenset(int(label) for label in np.flatnonzero(counts[1:]) + 1)
    where = (
        tr("on frame {phase}").format(phase=place[0] + 1)
        if clip
        else tr("on slice {slice} of phase {phase}").format(slice=place[1] + 1, phase=place[0] + 1)
    )
    faults = _shape_faults(labels, spacing, where) if clip else slice_faults(labels, spacing, where)
    return SliceCheck(structures, int(counts[1:].max(initial=0)), tuple(faults))


def drawing_faults(checks: list[SliceCheck], *, clip: bool = False) -> list[Fault]:
    """Return the faults of all drawn slices together, blocking faults first."""
    if not checks:
        return [] if clip else [NOTHING_DRAWN]
    # The tip of a ventricle may be a dot, where another slice shows more of it.
    if max(each.pixels for each in checks) < SMALLEST_PIXELS:
        return [ONLY_A_DOT_IN_A_CLIP if clip else ONLY_A_DOT]
    found: frozenset[int] = frozenset().union(*(each.structures for each in checks)) & {RV, MYO, LV}
    if not (found or clip):
        return [NOTHING_DRAWN]
    faults = [] if clip else _missing(found)
    faults += [fault for each in checks for fault in each.faults]
    return sorted(faults, key=lambda fault: not fault.blocking)


def slice_faults(labels: NDArray[np.uint8], spacing: Spacing, where: str) -> list[Fault]:
    """Return the faults of one drawn slice (Y, X) of a stack."""
    return _shape_faults(labels, spacing, where) or _order_faults(labels, where)


def _shape_faults(labels: NDArray[np.uint8], spacing: Spacing, where: str) -> list[Fault]:
    """Return the faults of each structure by itself."""
    faults = []
    for structure in STRUCTURES:
        mask = labels == structure.label
        if mask.any():
            area_faults = _area_faults(mask, structure.name, spacing, where)
            faults += area_faults or _component_faults(mask, structure.name, where)
    return faults


def _missing(there: frozenset[int]) -> list[Fault]:
    absent = [structure.name for structure in reversed(STRUCTURES) if structure.label not in there]
    if not absent:
        return []
    joint = tr(" and ")
    only = joint.join(name_of(label) for label in sorted(there, reverse=True))
    sentence = (
        tr("Only {only} are drawn: draw {absent} too, unless you do not need it.")
        if len(there) > 1
        else tr("Only {only} is drawn: draw {absent} too, unless you do not need it.")
    )
    return [Fault(sentence.format(only=only, absent=joint.join(absent)))]


def _area_faults(mask: NDArray[np.bool_], name: str, spacing: Spacing, where: str) -> list[Fault]:
    pixels = int(np.count_nonzero(mask))
    area = None if spacing is None else pixels * spacing[0] * spacing[1]
    if pixels < SMALLEST_PIXELS:
        size = tr("{pixels} pixels").format(pixels=pixels) if area is None else tr("{area:.0f} mm²").format(area=area)
        return [
            Fault(
                tr("The {name} {where} is a mere dot of {size}: draw it whole, or erase it.").format(
                    name=name, where=where, size=size
                )
            )
        ]
    if pixels > LARGEST_FRACTION_OF_IMAGE * mask.size:
        sentence = tr("The {name} {where} covers {percent:.0f} % of the image: draw the heart alone.").format(
            name=name, where=where, percent=100 * pixels / mask.size
        )
        return [Fault(sentence, blocking=True)]
    if area is None:
        return []
    if area < PLAUSIBLE_MM2[0]:
        return [
            Fault(
                tr("The {name} {where} is small ({area:.0f} mm²): see whether it is drawn whole.").format(
                    name=name, where=where, area=area
                )
            )
        ]
    if area > PLAUSIBLE_MM2[1]:
        return [
            Fault(
                tr("The {name} {where} is large for a heart ({area:.0f} mm²): see whether it is drawn right.").format(
                    name=name, where=where, area=area
                )
            )
        ]
    return []


def _component_faults(mask: NDArray[np.bool_], name: str, where: str) -> list[Fault]:
    sizes = component_sizes(mask)
    if sum(sizes[1:]) <= SMALL_COMPONENT_FRACTION * sum(sizes):
        return []
    return [
        Fault(
            tr("The {name} {where} lies in {count} pieces: erase what does not belong to it.").format(
                name=name, where=where, count=len(sizes)
            )
        )
    ]


def _order_faults(labels: NDArray[np.uint8], where: str) -> list[Fault]:
    """Return faults of the arrangement: the LV lies inside the Myo, the RV beside them."""
    left, muscle, right = (labels == label for label in (LV, MYO, RV))
    faults = []
    if left.any() and muscle.any():
        closed = _fraction_of_rim(left, muscle)
        if closed < BARELY_FRACTION:
            if right.any() and _fraction_of_rim(right, muscle) > CLOSED_FRACTION:
                sentence = tr(
                    "The RV {where} lies inside the myocardium and the LV beside it: are the two mixed up?"
                ).format(where=where)
            else:
                sentence = tr(
                    "The LV and the myocardium {where} do not touch: the LV's cavity lies inside its wall."
                ).format(where=where)
            return [Fault(sentence, blocking=True)]
        if closed < CLOSED_FRACTION:
            faults.append(
                Fault(
                    tr(
                        "The myocardium {where} goes only {percent:.0f} % of the way round the LV: close the ring."
                    ).format(where=where, percent=100 * closed)
                )
            )
    if left.any() and right.any() and _fraction_of_rim(left, right) > BARELY_FRACTION:
        faults.append(
            Fault(
                tr("The RV {where} touches the cavity of the LV: the septum belongs between them.").format(where=where)
            )
        )
    return faults


def _fraction_of_rim(inner: NDArray[np.bool_], outer: NDArray[np.bool_]) -> float:
    """Return the fraction of the pixels around ``inner`` that belong to ``outer``."""
    rim = _grown(inner) & ~inner
    pixels = int(np.count_nonzero(rim))
    return int(np.count_nonzero(rim & outer)) / max(pixels, 1)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return ``mask`` with the four neighbours of every pixel."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    grown[:, 1:] |= mask[:, :-1]
    grown[:, :-1] |= mask[:, 1:]
    return grown


def component_sizes(mask: NDArray[np.bool_]) -> list[int]:
    """Return the pixels of each connected component (eight neighbours), the largest first."""
    left = set(zip(*(axis.tolist() for axis in np.nonzero(mask)), strict=True))
    sizes = []
    while left:
        front = [left.pop()]
        size = 0
        while front:
            y, x = front.pop()
            size += 1
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            front += near
        sizes.append(size)
    return sorted(sizes, reverse=True)
