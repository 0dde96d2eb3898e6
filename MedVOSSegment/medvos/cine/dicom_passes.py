"""Whole stacks among the slices of one view and protocol: one that was filmed twice is two, which are not mixed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from medvos.cine.dicom_lattice import (
    ON_LATTICE,
    SIDE_BY_SIDE,
    are_one_stack,
    depths,
    fits,
    offset,
    on_lattice,
    step_of,
    thickness_of,
)
from medvos.cine.dicom_repeats import ACQUIRED_AGAIN, FILMED_AGAIN, Repeats, when, without_repeats
from medvos.cine.dicom_slices import SAME_PLACE_MM, Slice
from medvos.cine.geometry import sort_along_normal

STACK_SLICES = 3
UNDER_STRESS = "it was acquired under stress, and the stack at rest was used"
# Slices nearer to each other than this part of a stack's step are of two filmings.
_NEAR = 0.8
# A repeated slice lies at its place but for this part of the step.
_REPEATED = 0.15
# In steps, up to which a slice is the next one.
_NEXT = 1.5
# Part of a slice's thickness: two slices of one stack may overlap so far.
_NEAREST_PAIR = 0.6
# Of the gaps between single slices, how many may be off by a breath: such a stack is refused whole, not cut in parts.
_UNEVEN_GAPS = 1 / 3
_WHOLE_AT_REST = 2 / 3


@dataclass
class Stack:
    """Slices of one filming, and slices left out beside them with the reason for each."""

    slices: list[Slice]
    left_out: list[tuple[Slice, str]] = field(default_factory=list)

    @property
    def series(self) -> list[str]:
        """The series of its slices, each once."""
        return list(dict.fromkeys(slice_.first.series for slice_ in self.slices))


def stacks_of(slices: Sequence[Slice]) -> list[Stack]:
    """Return the whole stacks in parallel `slices` of one protocol, the best first.

    A place that was acquired again is shown by the later slice. All places together are one stack where they lie side
    by side at even distances, whatever their series and order; otherwise the stack was filmed more than once.
    """
    stacks = [
        stack
        for stress in (False, True)
        if (alike := [slice_ for slice_ in slices if slice_.first.protocol.under_stress == stress])
        for stack in _of_one_state(alike)
    ]
    most = max(len(stack.slices) for stack in stacks)
    stacks.sort(key=lambda stack: _rank(stack, most), reverse=True)
    for stack in stacks:
        known = {id(slice_) for slice_, _ in stack.left_out}
        stack.left_out += [
            (slice_, _why_not(other, stack))
            for other in stacks
            if other is not stack
            for slice_ in (*other.slices, *(slice_ for slice_, _ in other.left_out))
            if id(slice_) not in known and not any(slice_ is used for used in stack.slices)
        ]
    return stacks


def _of_one_state(slices: Sequence[Slice]) -> list[Stack]:
    """The stacks of slices that were all acquired at rest, or all under stress."""
    series: dict[str, list[Slice]] = defaultdict(list)
    for slice_ in slices:
        series[slice_.first.series].append(slice_)
    runs = [part for found in series.values() if len(found) >= STACK_SLICES for part in _parts(found)]
    singles = sorted((slice_ for found in series.values() if len(found) < STACK_SLICES for slice_ in found), key=when)
    repeats = without_repeats(runs, singles)
    if are_one_stack(repeats.newest, 0.0 if runs else _UNEVEN_GAPS):
        stacks = [Stack(sort_along_normal(repeats.newest, slices[0].normal))]
    else:
        stacks = _of_several_filmings(runs, repeats)
    stacks[0].left_out += repeats.left_out
    return [*stacks, *(Stack(sort_along_normal(found, found[0].normal)) for found in repeats.earlier + repeats.apart)]


def _of_several_filmings(runs: Sequence[Sequence[Slice]], repeats: Repeats) -> list[Stack]:
    """Series that go on where others end are one stack with them; single slices are put beside them, or in filmings."""
    newest = {id(slice_) for slice_ in repeats.newest}
    parts = [[slice_ for slice_ in run if id(slice_) in newest] for run in runs]
    parts = [part for part in parts if len(part) >= STACK_SLICES]
    of_parts = {id(slice_) for part in parts for slice_ in part}
    few = [slice_ for slice_ in repeats.newest if id(slice_) not in of_parts]
    stacks: list[Stack] = []
    for found in sorted(parts, key=lambda found: when(found[0])):
        beside = next((stack for stack in stacks if _continues(found, stack.slices)), None)
        if beside is None:
            stacks.append(Stack(found))
        else:
            old = [slice_ for slice_ in beside.slices if offset(slice_, found) >= 2 * SAME_PLACE_MM]
            beside.slices = sort_along_normal([*old, *found], found[0].normal)
    if not stacks:
        return _of_single_slices(few)
    stacks.sort(key=_rank, reverse=True)
    for slice_ in few:
        _add(slice_, stacks[0])
    return stacks


def named_stack(slices: Sequence[Slice]) -> Stack:
    """Return the stack of series that the user named: one slice for each place, the last acquired there."""
    stack = Stack([])
    for slice_ in sorted(slices, key=when):
        if stack.slices and np.abs(depths([slice_], slices[0].normal) - depths(stack.slices)).min() > 2 * SAME_PLACE_MM:
            stack.slices.append(slice_)
        elif stack.slices:
            _add(slice_, stack)
        else:
            stack.slices.append(slice_)
    stack.slices = sort_along_normal(stack.slices, slices[0].normal)
    return stack


def whole_at_rest(stack: Stack, most: int) -> bool:
    """Return whether a stack is at rest, and has about as many slices as the largest one: `most`."""
    rest = not stack.slices[0].first.protocol.under_stress
    return rest and len(stack.slices) >= max(STACK_SLICES, _WHOLE_AT_REST * most)


def _rank(stack: Stack, most: int = 0) -> tuple:
    phases = sorted(len(slice_.frames) for slice_ in stack.slices)[len(stack.slices) // 2]
    rest = not stack.slices[0].first.protocol.under_stress
    last = max(when(slice_) for slice_ in stack.slices)
    return whole_at_rest(stack, most), len(stack.slices), phases >= 8, rest, last


def _why_not(other: Stack, stack: Stack) -> str:
    """Why the slices of another stack are left out beside one."""
    if other.slices[0].first.protocol.under_stress and not stack.slices[0].first.protocol.under_stress:
        return UNDER_STRESS
    return FILMED_AGAIN if len(other.slices) >= STACK_SLICES else "it lies between the slices of the stack"


def continues(slice_: Slice, stack: Sequence[Slice]) -> bool:
    """Return whether a slice fills a place that the stack lacks, or the next one beyond its ends."""
    step = step_of(stack)
    return 0.5 * step < offset(slice_, stack) < _NEXT * step and fits(slice_, stack)


def _continues(found: Sequence[Slice], stack: Sequence[Slice]) -> bool:
    """Whether a series goes on where a stack ends, or lies between its slices, rather than showing them again."""
    step, own_step = step_of(stack), step_of(found)
    normal = stack[0].normal
    there, own = depths(stack, normal), depths(found, normal)
    shared = sum(offset(slice_, stack) < 2 * SAME_PLACE_MM for slice_ in found)
    overlap = float(min(there.max(), own.max()) - max(there.min(), own.min()))
    if overlap < 0:
        # Also where it is off the lattice: a stack in two parts that do not fit is refused, not cut in half.
        return -overlap < 1.9 * max(step, own_step)
    if shared and 2 * shared < min(len(found), len(stack)) + 1 and on_lattice(own - there[0], step):
        return overlap < (shared - 0.5) * step
    thickness = thickness_of([*stack, *found])
    between = (own[0] - there[0]) / step % 1
    halves = abs(own_step - step) < ON_LATTICE * step and abs(between - 0.5) < ON_LATTICE
    # Every second slice: together they lie side by side, and each series alone would leave out as much as it shows.
    return bool(halves and thickness and step / 2 >= SIDE_BY_SIDE * thickness)


def _parts(found: Sequence[Slice]) -> list[list[Slice]]:
    """The filmings within one series: one whose slices overlap, or are unevenly spaced, may hold the stack twice."""
    normal = found[0].normal
    whole = sort_along_normal(found, normal)
    gaps = np.diff(depths(whole))
    thickness = [mm for slice_ in found if (mm := slice_.first.protocol.thickness)]
    even = (np.abs(gaps / np.median(gaps) - np.round(gaps / np.median(gaps))) < ON_LATTICE).all()
    overlapping = bool(thickness) and float(np.median(gaps)) < _NEAREST_PAIR * float(np.median(thickness))
    if even and not overlapping:
        return [whole]
    filmings = [sort_along_normal(stack.slices, normal) for stack in _filmings(sorted(found, key=when))[0]]
    apart = len(filmings) > 1 and all(len(filming) >= STACK_SLICES for filming in filmings)
    return filmings if apart else [whole]


def _add(slice_: Slice, stack: Stack) -> None:
    """Put a single slice into its place in a stack, in place of an earlier one, or beside with the reason."""
    step = step_of(stack.slices)
    normal = stack.slices[0].normal
    offsets = np.abs(depths([slice_], normal) - depths(stack.slices, normal))
    nearest = int(offsets.argmin())
    if offsets[nearest] < max(2 * SAME_PLACE_MM, _REPEATED * step):
        old = stack.slices[nearest]
        whole = max(len(other.frames) for other in stack.slices)
        if when(slice_) < when(old) or len(slice_.frames) * 2 < whole:
            stack.left_out.append((slice_, ACQUIRED_AGAIN))
            return
        stack.slices[nearest] = slice_
        stack.left_out.append((old, ACQUIRED_AGAIN))
    elif len(stack.slices) < 2 or on_lattice(depths([slice_], normal) - depths([stack.slices[0]], normal), step):
        stack.slices = sort_along_normal([*stack.slices, slice_], normal)
    else:
        stack.left_out.append((slice_, "it lies between the slices of the stack"))


def _is_beside(mm: float, stack: Stack, thickness: Sequence[float]) -> bool:
    """Whether a slice `mm` from its nearest neighbour is a further one of a stack, and not a second filming."""
    usual = float(np.median(thickness)) if thickness else 0.0
    if len(stack.slices) == 1:
        return mm > max(2 * SAME_PLACE_MM, _NEAREST_PAIR * usual)
    gaps = np.diff(np.sort(depths(stack.slices)))
    return mm > _NEAR * float(gaps.min())


def _exchange_ends(stacks: Sequence[Stack]) -> None:
    """Move a slice that is off its stack's lattice, and on that of another filming, to that one."""
    whole = [stack for stack in stacks if len(stack.slices) > STACK_SLICES]
    for stack in whole:
        for other in whole:
            for slice_ in list(stack.slices):
                rest = [one for one in stack.slices if one is not slice_]
                if (
                    other is not stack
                    and len(rest) >= STACK_SLICES
                    and not fits(slice_, rest)
                    and fits(slice_, other.slices)
                ):
                    stack.slices = rest
                    other.slices.append(slice_)


def _without_strays(stacks: list[Stack]) -> list[Stack]:
    """Add slices that are no stack of their own to the largest one where they lie beside its slices, off by a breath.

    Between two slices of a stack no place is farther from both than half a step.
    """
    largest = max(stacks, key=lambda stack: len(stack.slices))
    step = step_of(largest.slices)
    if len(largest.slices) < STACK_SLICES:
        return stacks
    strays = [slice_ for stack in stacks if len(stack.slices) < STACK_SLICES for slice_ in stack.slices]
    while beside := [
        slice_ for slice_ in strays if _NEAREST_PAIR * step < offset(slice_, largest.slices) < _NEXT * step
    ]:
        nearest = min(beside, key=lambda slice_: offset(slice_, largest.slices))
        largest.slices.append(nearest)
        strays.remove(nearest)
    kept = {id(slice_) for slice_ in strays}
    for stack in stacks:
        if stack is not largest and len(stack.slices) < STACK_SLICES:
            stack.slices = [slice_ for slice_ in stack.slices if id(slice_) in kept]
    return [stack for stack in stacks if stack.slices]


def _filmings(everything: Sequence[Slice]) -> tuple[list[Stack], list[Slice]]:
    """Slices in the order of acquisition as one or more filmings, and those that lie where another of theirs does."""
    stacks: list[Stack] = []
    repeats: list[Slice] = []
    known = [mm for slice_ in everything if (mm := slice_.first.protocol.thickness)]
    for slice_ in everything:
        for stack in reversed(stacks):
            offsets = np.abs(depths([slice_], stack.slices[0].normal) - depths(stack.slices))
            step = step_of(stack.slices) or (float(np.median(known)) if known else 0.0)
            if offsets.min() < max(2 * SAME_PLACE_MM, _REPEATED * step):
                repeats.append(slice_)
                break
            if _is_beside(float(offsets.min()), stack, known):
                stack.slices.append(slice_)
                break
        else:
            stacks.append(Stack([slice_]))
    return stacks, repeats


def _of_single_slices(ordered: Iterable[Slice]) -> list[Stack]:
    """Slices in series of their own, as acquired: one that is nearer than a step to another begins a filming."""
    everything = list(ordered)
    stacks, repeats = _filmings(everything)
    if len(repeats) >= STACK_SLICES and 2 * len(repeats) >= len(stacks[0].slices):
        # Most of the stack was acquired anew: what came from then on is a filming of its own.
        begin = everything.index(repeats[0])
        stacks = [*_filmings(everything[:begin])[0], *_filmings(everything[begin:])[0]]
        kept = {id(slice_) for stack in stacks for slice_ in stack.slices}
        repeats = [slice_ for slice_ in everything if id(slice_) not in kept]
    _exchange_ends(stacks)
    stacks = _without_strays(stacks)
    for stack in stacks:
        stack.slices = sort_along_normal(stack.slices, stack.slices[0].normal)
    stacks.sort(key=_rank, reverse=True)
    for slice_ in repeats:
        _add(slice_, stacks[0])
    return stacks
