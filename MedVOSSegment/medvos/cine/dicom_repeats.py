"""Slices acquired again at the very same place: the later one is taken, and the earlier ones are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_lattice import depths, same_place_mm, thickness_of
from medvos.cine.dicom_slices import Slice

ACQUIRED_AGAIN = "the same place was acquired again in another series"
FILMED_AGAIN = "the stack was filmed again there"
# So many slices that are all off by one distance were planned anew, and were not repeated one by one.
_PLANNED = 3
_PLANNED_MM = 0.3
# Slices planned anew may be off by a little more than what is still the same place.
_ABOUT = 1.5
_OTHER_THICKNESS = 0.2


@dataclass
class Repeats:
    """What is left when every place is taken once.

    `newest` are the slices to use, in the order in which their places were first acquired, `left_out` the earlier ones
    with the reason, `earlier` whole filmings of all places that a later one replaced, `apart` those planned anew.
    """

    newest: list[Slice] = field(default_factory=list)
    left_out: list[tuple[Slice, str]] = field(default_factory=list)
    earlier: list[list[Slice]] = field(default_factory=list)
    apart: list[list[Slice]] = field(default_factory=list)


def without_repeats(runs: Sequence[Sequence[Slice]], singles: Sequence[Slice]) -> Repeats:
    """Take the latest whole slice of every place in `runs`, series of several places, and in `singles`."""
    everything = [slice_ for run in (*runs, singles) for slice_ in run]
    near = same_place_mm(everything)
    normal = everything[0].normal
    found = Repeats()
    places: list[list[Slice]] = []
    planned = _planned_anew(_off_the_first(singles, [], near, normal))
    ordered: list[Sequence[Slice]] = [*runs, *([] if planned else [[slice_] for slice_ in singles])]
    for run in sorted(ordered, key=lambda run: min(map(when, run))):
        off = _off_the_first(run, places, near, normal)
        if _planned_anew(off) or (off and _of_another_thickness(run, places)):
            found.apart.append(list(run))
            continue
        taken = [(_nearest(slice_, places, near, normal), slice_) for slice_ in sorted(run, key=when)]
        for place, slice_ in taken:
            if place is None:
                places.append([slice_])
            else:
                place.append(slice_)
    if planned:
        places += [[slice_] for slice_ in singles]
    usual = max((len(slice_.frames) for slice_ in everything), default=0)
    layers = [_whole_last(place, usual) for place in places]
    found.newest = [layer[-1] for layer in layers]
    replaced = min((len(layer) for layer in layers), default=1) > 1 and len(layers) >= _PLANNED
    found.left_out = [
        (slice_, FILMED_AGAIN if replaced else ACQUIRED_AGAIN) for layer in layers for slice_ in layer[:-1]
    ]
    if replaced:
        found.earlier = [
            [layer[-back] for layer in layers] for back in range(2, min(len(layer) for layer in layers) + 1)
        ]
    return found


def when(slice_: Slice) -> tuple[float, float, float]:
    """By which slices stand in the order of acquisition: series number, acquisition and instance number."""
    frame = slice_.first
    return frame.series_number, frame.order[1], frame.order[2]


def _whole_last(place: Sequence[Slice], usual: int) -> list[Slice]:
    """The slices of one place, the one to use last: the latest of those that did not break off."""
    return sorted(place, key=lambda slice_: (2 * len(slice_.frames) >= usual, when(slice_)))


def _nearest(
    slice_: Slice, places: Sequence[list[Slice]], near: float, normal: NDArray[np.float64]
) -> list[Slice] | None:
    if not places:
        return None
    offsets = np.abs(depths([place[0] for place in places], normal) - slice_.position @ normal)
    nearest = int(offsets.argmin())
    return places[nearest] if offsets[nearest] < near else None


def _off_the_first(
    run: Sequence[Slice], places: Sequence[list[Slice]], near: float, normal: NDArray[np.float64]
) -> list[float]:
    """By how many mm slices are off the first ones about their places, in `places` or earlier in the run."""
    known = list(places)
    off = []
    for slice_ in run:
        place = _nearest(slice_, known, _ABOUT * near, normal)
        if place is None:
            known.append([slice_])
        else:
            off.append(float((slice_.position - place[0].position) @ normal))
    return off


def _planned_anew(off: Sequence[float]) -> bool:
    """Whether slices are all off their places by one distance."""
    middle = float(np.median(off)) if off else 0.0
    return len(off) >= _PLANNED and abs(middle) > _PLANNED_MM and np.abs(np.array(off) - middle).max() < _PLANNED_MM


def _of_another_thickness(run: Sequence[Slice], places: Sequence[list[Slice]]) -> bool:
    own, other = thickness_of(run), thickness_of([place[-1] for place in places])
    return len(run) >= _PLANNED and bool(own and other and abs(own / other - 1) > _OTHER_THICKNESS)
