"""What is odd about a drawn seed, in sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.structures import LV, MYO, RV, STRUCTURES, name_of

SMALLEST_PIXELS = 9
# From a newborn's ventricle near the apex to a failing heart that fills the chest, in a slice.
PLAUSIBLE_MM2 = (40.0, 9000.0)
LARGEST_SHARE_OF_IMAGE = 0.6
# Of a structure, what lies apart from its largest piece: more than a crumb is no slip of the brush.
CRUMB_SHARE = 0.02
# The outflow tract and the mitral plane of a long axis leave the ring open.
CLOSED_SHARE = 0.6
BARELY_SHARE = 0.1


@dataclass(frozen=True)
class Fault:
    """One sentence on a seed; a blocking fault would make the propagation worthless."""

    sentence: str
    blocking: bool = False

    def __str__(self) -> str:
        return self.sentence


NOTHING_DRAWN = Fault("Nothing is drawn yet: draw the LV, the myocardium and the RV on one slice.", blocking=True)
ONLY_A_DOT = Fault("There is no more than a dot: draw the LV, the myocardium and the RV on one slice.", blocking=True)


def seed_faults(labels: NDArray[np.uint8], drawn: NDArray[np.bool_], spacing: tuple[float, float]) -> list[Fault]:
    """What is odd about the drawn slices, blocking faults first.

    Parameters
    ----------
    labels: (T, Z, Y, X).
    drawn: (T, Z), slices that the user drew.
    spacing: (y, x) of a pixel in mm.
    """
    places = [(int(t), int(z)) for t, z in np.argwhere(drawn) if labels[t, z].any()]
    if not places:
        return [NOTHING_DRAWN]
    # The tip of a ventricle may be a dot, where another slice shows more of it.
    if max(np.bincount(labels[place].ravel())[1:].max() for place in places) < SMALLEST_PIXELS:
        return [ONLY_A_DOT]
    faults = [*_missing(labels, places)]
    for phase, level in places:
        faults += slice_faults(labels[phase, level], spacing, f"on slice {level} of phase {phase}")
    return sorted(faults, key=lambda fault: not fault.blocking)


def slice_faults(labels: NDArray[np.uint8], spacing: tuple[float, float], where: str) -> list[Fault]:
    """What is odd about one drawn slice (Y, X)."""
    faults = []
    for structure in STRUCTURES:
        mask = labels == structure.label
        if mask.any():
            faults += _area_faults(mask, structure.name, spacing, where) or _piece_faults(mask, structure.name, where)
    return faults or _order_faults(labels, where)


def _missing(labels: NDArray[np.uint8], places: list[tuple[int, int]]) -> list[Fault]:
    there = {label for place in places for label in np.unique(labels[place]).tolist() if label}
    absent = [structure.name for structure in reversed(STRUCTURES) if structure.label not in there]
    if not absent:
        return []
    only = " and ".join(name_of(label) for label in sorted(there, reverse=True))
    verb = "are" if len(there) > 1 else "is"
    return [Fault(f"Only {only} {verb} drawn: draw {' and '.join(absent)} too, unless you do not need it.")]


def _area_faults(mask: NDArray[np.bool_], name: str, spacing: tuple[float, float], where: str) -> list[Fault]:
    pixels = int(np.count_nonzero(mask))
    area = pixels * spacing[0] * spacing[1]
    if pixels < SMALLEST_PIXELS:
        return [Fault(f"The {name} {where} is a mere dot of {area:.0f} mm²: draw it whole, or erase it.")]
    if pixels > LARGEST_SHARE_OF_IMAGE * mask.size:
        sentence = f"The {name} {where} covers {100 * pixels / mask.size:.0f} % of the image: draw the heart alone."
        return [Fault(sentence, blocking=True)]
    if area < PLAUSIBLE_MM2[0]:
        return [Fault(f"The {name} {where} is small ({area:.0f} mm²): see whether it is drawn whole.")]
    if area > PLAUSIBLE_MM2[1]:
        return [Fault(f"The {name} {where} is large for a heart ({area:.0f} mm²): see whether it is drawn right.")]
    return []


def _piece_faults(mask: NDArray[np.bool_], name: str, where: str) -> list[Fault]:
    sizes = piece_sizes(mask)
    if sum(sizes[1:]) <= CRUMB_SHARE * sum(sizes):
        return []
    return [Fault(f"The {name} {where} lies in {len(sizes)} pieces: erase what does not belong to it.")]


def _order_faults(labels: NDArray[np.uint8], where: str) -> list[Fault]:
    """LV inside Myo inside nothing, RV beside them."""
    left, muscle, right = (labels == label for label in (LV, MYO, RV))
    faults = []
    if left.any() and muscle.any():
        closed = _share_of_rim(left, muscle)
        if closed < BARELY_SHARE:
            if right.any() and _share_of_rim(right, muscle) > CLOSED_SHARE:
                sentence = f"The RV {where} lies inside the myocardium and the LV beside it: are the two mixed up?"
            else:
                sentence = f"The LV and the myocardium {where} do not touch: the LV's cavity lies inside its wall."
            return [Fault(sentence, blocking=True)]
        if closed < CLOSED_SHARE:
            faults.append(
                Fault(f"The myocardium {where} goes only {100 * closed:.0f} % of the way round the LV: close the ring.")
            )
    if left.any() and right.any() and _share_of_rim(left, right) > BARELY_SHARE:
        faults.append(Fault(f"The RV {where} touches the cavity of the LV: the septum belongs between them."))
    return faults


def _share_of_rim(inner: NDArray[np.bool_], outer: NDArray[np.bool_]) -> float:
    """Share of the pixels next to ``inner`` that belong to ``outer``."""
    rim = _grown(inner) & ~inner
    return float(np.count_nonzero(rim & outer) / max(np.count_nonzero(rim), 1))


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With the four neighbours of every pixel."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    grown[:, 1:] |= mask[:, :-1]
    grown[:, :-1] |= mask[:, 1:]
    return grown


def piece_sizes(mask: NDArray[np.bool_]) -> list[int]:
    """Pixels of each connected piece (eight neighbours), the largest first."""
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
