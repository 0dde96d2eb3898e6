"""Choose the short-axis stack among all views of an examination, and note which series are left out and why."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_slices import SAME_PLACE_MM, Slice
from medvos.cine.geometry import sort_along_normal
from medvos.errors import InputError

# From base to apex the human heart points left, forwards and down (LPS); long-axis views are perpendicular to it.
LONG_AXIS = np.array([0.6, -0.6, -0.53])
SHORT_AXIS_COSINE = 0.72
SAME_VIEW_COSINE = np.cos(np.radians(8))
STACK_SLICES = 3


def choose_stack(slices: Sequence[Slice]) -> tuple[list[Slice], list[str]]:
    """Return the slices of one view, one per position, sorted along their normal, and a note for every series left out.

    Raises InputError where nothing is a cine, or where single slices of several views leave the choice open.
    """
    cines = [slice_ for slice_ in slices if slice_.is_cine]
    if not cines:
        raise InputError(_why_no_cine(slices))
    views = _views(cines)
    view = _short_axis(views)
    stack, repeats = _one_per_place(view)
    stack, misfits = _on_one_lattice(stack)
    _check_no_slice_is_still(slices, stack)
    reasons: dict[str, str] = {}
    for slice_ in slices:
        reasons.setdefault(
            slice_.first.series, "it has one phase only" if len(slice_.frames) < 2 else "it is not of one heart beat"
        )
    for other in views:
        for slice_ in other:
            reasons[slice_.first.series] = "another orientation than the short-axis stack"
    for slice_ in repeats:
        reasons[slice_.first.series] = "the same place was acquired again in another series"
    for slice_ in misfits:
        reasons[slice_.first.series] = "it lies between the slices of the stack"
    used = {slice_.first.series for slice_ in stack}
    names = _series_names(slices)
    notes = [f"Left out {names[series]}: {why}." for series, why in reasons.items() if series not in used]
    return stack, sorted(notes)


def _check_no_slice_is_still(slices: Sequence[Slice], stack: Sequence[Slice]) -> None:
    """Refuse a series of the stack one of whose slices has a single phase: leaving it out would change the spacing."""
    for slice_ in slices:
        beside = [other for other in stack if other.first.series == slice_.first.series]
        if len(slice_.frames) > 1 or not beside or abs(slice_.normal @ beside[0].normal) < SAME_VIEW_COSINE:
            continue
        if np.abs(_distances([slice_, *stack])[1:] - _distances([slice_])).min() > SAME_PLACE_MM:
            raise InputError(
                f"The slice of {slice_.first.name} in {slice_.first.series_name} has one phase and the others "
                f"{len(beside[0].frames)}: add its missing images, or leave that one out."
            )


def _series_names(slices: Sequence[Slice]) -> dict[str, str]:
    """The name of each series: its number and description, and its folder where every series has its own."""
    folders = {slice_.first.series: slice_.first.path.parent for slice_ in slices}
    apart = len(set(folders.values())) == len(folders) > 1
    return {
        slice_.first.series: slice_.first.series_name + (f" in {slice_.first.path.parent.name}" if apart else "")
        for slice_ in slices
    }


def _why_no_cine(slices: Sequence[Slice]) -> str:
    if any(len(slice_.frames) > 1 for slice_ in slices):
        return "The folder has no cine: its images span many heart beats, as perfusion does; give the cine series."
    views = _views(slices)
    if len(views) > 1:
        return "The folder has only still images of several orientations (a localiser): give the cine series."
    if len(slices) > 1:
        return "The folder has one phase only, a 3D volume without time: give all phases of the cine."
    return "There is one image at one phase only: give the folder with all phases of the cine."


def _views(slices: Sequence[Slice]) -> list[list[Slice]]:
    """Groups of parallel slices."""
    views: list[list[Slice]] = []
    for slice_ in slices:
        for view in views:
            if abs(slice_.normal @ view[0].normal) > SAME_VIEW_COSINE:
                view.append(slice_)
                break
        else:
            views.append([slice_])
    return views


def _short_axis(views: list[list[Slice]]) -> list[Slice]:
    """The stack whose normal is the heart's long axis, or the largest stack where none is (animals)."""
    if len(views) == 1:
        return views[0]
    sizes = [len({round(d) for d in _distances(view)}) for view in views]
    along = [abs(view[0].normal @ LONG_AXIS) / np.linalg.norm(LONG_AXIS) for view in views]
    ranks = [
        (size >= STACK_SLICES, size >= STACK_SLICES and cosine > SHORT_AXIS_COSINE, size, cosine)
        for size, cosine in zip(sizes, along, strict=True)
    ]
    best = max(range(len(views)), key=lambda k: ranks[k])
    alone = sizes[best] < 2 and along[best] < SHORT_AXIS_COSINE
    if alone or (sizes[best] < 2 and sum(cosine > SHORT_AXIS_COSINE for cosine in along) > 1):
        names = ", ".join(sorted({slice_.first.series_name for view in views for slice_ in view}))
        raise InputError(
            f"The folder has several single views and no short-axis stack ({names}): give the folder of one."
        )
    return views[best]


def _distances(slices: Sequence[Slice]) -> NDArray[np.float64]:
    """Position of each slice along the first one's normal, mm."""
    return np.array([slice_.first.position @ slices[0].normal for slice_ in slices])


def _one_per_place(view: list[Slice]) -> tuple[list[Slice], list[Slice]]:
    """Of slices at one position keep that of the series with the most positions, then phases, then the latest."""
    normal = view[0].normal
    ordered = sort_along_normal(view, normal)
    places: list[list[Slice]] = []
    for slice_ in ordered:
        if places and (slice_.first.position - places[-1][0].first.position) @ normal < 2 * SAME_PLACE_MM:
            places[-1].append(slice_)
        else:
            places.append([slice_])
    per_series = Counter(slice_.first.series for slice_ in view)
    usual = Counter(len(slice_.frames) for slice_ in view).most_common(1)[0][0]

    def rank(slice_: Slice) -> tuple[int, bool, int, int]:
        return (
            per_series[slice_.first.series],
            len(slice_.frames) == usual,
            len(slice_.frames),
            slice_.first.series_number,
        )

    kept = [max(place, key=rank) for place in places]
    return kept, [slice_ for place, best in zip(places, kept, strict=True) for slice_ in place if slice_ is not best]


def _on_one_lattice(stack: list[Slice]) -> tuple[list[Slice], list[Slice]]:
    """Leave out slices of other protocols that lie between the evenly spaced slices of the main one."""
    gaps = np.diff(_distances(stack))
    if len(stack) < STACK_SLICES or _multiples(gaps, float(np.median(np.abs(gaps)))):
        return stack, []
    families: dict[str, list[Slice]] = defaultdict(list)
    for slice_ in stack:
        families[re.sub(r"[\W\d_]+", " ", slice_.first.description).strip().lower()].append(slice_)
    main = max(families.values(), key=len)
    if len(main) < STACK_SLICES:
        return stack, []
    step = float(np.median(np.abs(np.diff(_distances(main)))))
    kept = [
        slice_
        for slice_ in stack
        if slice_ in main or _multiples(_distances([main[0], slice_])[1:] - _distances(main)[0], step)
    ]
    return kept, [slice_ for slice_ in stack if slice_ not in kept]


def _multiples(lengths: NDArray[np.float64], step: float) -> bool:
    """Whether all lengths are whole multiples of `step`, within a tenth of it."""
    return bool((np.abs(lengths / step - np.round(lengths / step)) < 0.1).all())
