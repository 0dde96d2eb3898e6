"""Choose the short-axis stack among all groups of images of an examination, and say why each other is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from medvos.cine.dicom_choice import Choice
from medvos.cine.dicom_groups import Group
from medvos.cine.dicom_lattice import are_one_stack, depths, offset
from medvos.cine.dicom_passes import STACK_SLICES, UNDER_STRESS, Stack, continues, named_stack, stacks_of, whole_at_rest
from medvos.cine.dicom_places import check_not_all_at_one_place
from medvos.cine.dicom_protocol import Protocol, same_protocol, same_sequence
from medvos.cine.dicom_slices import SAME_PLACE_MM, Slice
from medvos.cine.geometry import sort_along_normal
from medvos.errors import InputError

# From base to apex the human heart points left, forwards and down (LPS); long-axis views are perpendicular to it.
LONG_AXIS = np.array([0.6, -0.6, -0.53])
SHORT_AXIS_COSINE = 0.72
SAME_VIEW_COSINE = np.cos(np.radians(8))
# Slices of one stack may differ so far in the number of their phases.
_OTHER_PHASES = 0.2
# A stack without the orientation of the short axis is taken where it has so many times the slices of any other view.
_MUCH_LARGER = 1.5


def choose_stack(groups: Sequence[Group], named: bool = False) -> Choice:
    """Return the short-axis stack of one view, protocol and filming; `named` where the user named its series.

    Raises InputError where nothing is a cine, or where single slices of several views leave the choice open.
    """
    cines = [group for group in groups if not group.why_not]
    if not cines:
        raise InputError(_why_no_cine(groups))
    view, other_views = _short_axis(_views(cines))
    families = [list(view)] if named else _families(view)
    stacks = [[named_stack(_all(view))]] if named else [stacks_of(_all(family)) for family in families]
    most = max(len(found[0].slices) for found in stacks)
    best = max(range(len(families)), key=lambda k: _rank(families[k], stacks[k], most))
    if not named and len(stacks[best][0].slices) < STACK_SLICES:
        # Nothing tells which protocol is the cine's: they are one stack where they lie on one lattice.
        apart = [family for family in families if _is_named_otherwise(family) != _is_named_otherwise(families[best])]
        families, best = [[group for group in view if not any(group in family for family in apart)], *apart], 0
        stacks = [stacks_of(_all(family)) for family in families]
    chosen = stacks[best][0]
    joined = [] if named else _joined(chosen, [family for k, family in enumerate(families) if k != best])
    _check_order(chosen)
    _check_no_slice_is_still(groups, chosen.slices)
    check_not_all_at_one_place(chosen.slices, [slice_ for slice_, _ in chosen.left_out])
    turned = "another orientation than the short-axis stack"
    if other_views and _cosine(view) < SHORT_AXIS_COSINE:
        turned = "another orientation than the largest stack, and none is a short-axis stack by its orientation"
    reasons = {id(group): turned for other in other_views for group in other}
    for k, family in enumerate(families):
        for group in family if k != best else []:
            reasons[id(group)] = _another_protocol(group, chosen.slices)
    left = {id(slice_): why for slice_, why in chosen.left_out}
    for group in families[best]:
        whys = [left[id(slice_)] for slice_ in group.slices if id(slice_) in left]
        if whys:
            reasons[id(group)] = whys[0]
    used = {id(slice_) for slice_ in chosen.slices}
    judged = tuple(
        group if any(id(slice_) in used for slice_ in group.slices) else replace(group, why_not=why)
        for group in groups
        for why in [reasons.get(id(group), group.why_not)]
    )
    others = [stack for k, found in enumerate(stacks) for stack in found if (k, stack) != (best, chosen)]
    whole = tuple(
        stack
        for stack in others
        if len(stack.slices) >= STACK_SLICES and not any(id(slice_) in used for slice_ in stack.slices)
    )
    return Choice(tuple(chosen.slices), judged, whole, tuple(joined), tuple(chosen.left_out))


def long_axis_cosine(slice_: Slice) -> float:
    """Return how nearly the normal of a slice is the heart's long axis, up to 1."""
    return float(abs(slice_.normal @ LONG_AXIS) / np.linalg.norm(LONG_AXIS))


def _all(groups: Iterable[Group]) -> list[Slice]:
    """The slices of several phases in groups."""
    return [slice_ for group in groups for slice_ in group.slices if len(slice_.frames) > 1]


def _another_protocol(group: Group, stack: Sequence[Slice]) -> str:
    protocol = group.first.first.protocol.other_than_cine
    if protocol:
        return f"another protocol ({protocol}) than the stack's"
    if group.first.first.protocol.under_stress and not stack[0].first.protocol.under_stress:
        return UNDER_STRESS
    beside = any(offset(slice_, stack) > 2 * SAME_PLACE_MM for slice_ in _all([group]))
    where = "between or beside the slices of the stack" if beside else "at the same places"
    return f"another protocol or filming than the stack's, {where}"


def _joined(stack: Stack, families: Sequence[list[Group]]) -> list[Slice]:
    """Add to a stack the slices of other families that fill or continue it, so that no part of it is left out."""
    model = stack.slices[0].first
    phases = sorted(len(slice_.frames) for slice_ in stack.slices)[len(stack.slices) // 2]
    free = [
        slice_
        for family in families
        for slice_ in _all(family)
        if slice_.first.shape == model.shape
        and np.allclose(slice_.first.pixel_spacing, model.pixel_spacing, rtol=0.01)
        and abs(len(slice_.frames) - phases) <= _OTHER_PHASES * phases
        and not _of_another_protocol(slice_.first.protocol, model.protocol)
        and slice_.first.protocol.under_stress == model.protocol.under_stress
    ]
    # A series that also shows places of the stack is another filming of it.
    again = {slice_.first.series for slice_ in free if offset(slice_, stack.slices) < 2 * SAME_PLACE_MM}
    free = [slice_ for slice_ in free if slice_.first.series not in again]
    joined: list[Slice] = []
    if len(stack.slices) >= STACK_SLICES and free and are_one_stack([*stack.slices, *free]):
        joined, free = free, []
        stack.slices += joined
    # The nearest first: each makes the next one's place one that continues the stack.
    centre = float(np.mean(depths(stack.slices)))
    for slice_ in sorted(free, key=lambda one: abs(float(one.position @ stack.slices[0].normal) - centre)):
        if continues(slice_, stack.slices):
            stack.slices.append(slice_)
            joined.append(slice_)
    stack.slices = sort_along_normal(stack.slices, stack.slices[0].normal)
    return joined


def _of_another_protocol(one: Protocol, other: Protocol) -> bool:
    """Whether both the sequence and the names are of another protocol, as those of flow and tagging are."""
    return not same_sequence(one, other) and one.other_than_cine != other.other_than_cine


def _check_order(stack: Stack) -> None:
    """Refuse a stack with a slice whose phases nothing puts in order."""
    for slice_ in stack.slices:
        if slice_.trouble:
            raise InputError(slice_.trouble)


def _check_no_slice_is_still(groups: Sequence[Group], stack: Sequence[Slice]) -> None:
    """Refuse a series of the stack one of whose slices has a single phase: leaving it out would change the spacing."""
    for slice_ in (slice_ for group in groups for slice_ in group.slices):
        beside = [other for other in stack if other.first.series == slice_.first.series]
        if len(slice_.frames) > 1 or not beside or abs(slice_.normal @ beside[0].normal) < SAME_VIEW_COSINE:
            continue
        if offset(slice_, stack) > SAME_PLACE_MM:
            raise InputError(
                f"The slice of {slice_.first.name} in {slice_.first.series_name} has one phase and the others "
                f"{len(beside[0].frames)}: add its missing images, or leave that one out."
            )


def _why_no_cine(groups: Sequence[Group]) -> str:
    several = [group for group in groups if group.phases > 1]
    if any("span many heart beats" in group.why_not for group in several):
        return "The folder has no cine: its images span many heart beats, as perfusion does; give the cine series."
    if several:
        return f"The folder has no cine: of {several[0].name}, {several[0].why_not}; give the cine series."
    if any(group.why_not.startswith("it shows") for group in groups):
        return f"The folder has no cine: of {groups[0].name}, {groups[0].why_not}; give the cine series."
    if len(_views(groups)) > 1:
        return "The folder has only still images of several orientations (a localiser): give the cine series."
    if len({group.series for group in groups}) > 1 and _show_the_same_places(groups):
        return (
            "Each series of the folder has one phase of the same places, and nothing tells which series is which "
            "phase: export the cine as one series, with the TriggerTime of each phase."
        )
    if sum(len(group.slices) for group in groups) > 1:
        return "The folder has one phase only, a 3D volume without time: give all phases of the cine."
    return "There is one image at one phase only: give the folder with all phases of the cine."


def _show_the_same_places(groups: Sequence[Group]) -> bool:
    first, *others = groups
    return any(all(offset(slice_, first.slices) < SAME_PLACE_MM for slice_ in other.slices) for other in others)


def _views(groups: Sequence[Group]) -> list[list[Group]]:
    """Groups of parallel slices."""
    views: list[list[Group]] = []
    for group in groups:
        for view in views:
            if abs(group.first.normal @ view[0].first.normal) > SAME_VIEW_COSINE:
                view.append(group)
                break
        else:
            views.append([group])
    return views


def _families(view: Sequence[Group]) -> list[list[Group]]:
    """The groups of one view by protocol: what belongs to any group of a family belongs to the family."""
    families: list[list[Group]] = []
    for group in view:
        near = [family for family in families if any(_alike(group, other) for other in family)]
        families = [family for family in families if family not in near]
        families.append([*(other for family in near for other in family), group])
    return families


def _alike(a: Group, b: Group) -> bool:
    return a.series == b.series or (a.kind == b.kind and same_protocol(a.first.first.protocol, b.first.first.protocol))


def _rank(family: Sequence[Group], stacks: Sequence[Stack], most: int) -> tuple:
    """Which family is the cine: no name of another protocol, a stack, at rest, most places and phases."""
    best = stacks[0]
    phases = sorted(len(slice_.frames) for slice_ in best.slices)[len(best.slices) // 2]
    timed = any(slice_.triggers is not None for slice_ in best.slices)
    return (
        not _is_named_otherwise(family),
        len(best.slices) >= STACK_SLICES,
        not best.slices[0].first.protocol.derived,
        whole_at_rest(best, most),
        len(best.slices),
        timed,
        phases >= 8,
        phases,
        not best.slices[0].first.protocol.under_stress,
        max(slice_.first.series_number for slice_ in best.slices),
    )


def _is_named_otherwise(family: Sequence[Group]) -> bool:
    """Whether the names of all groups are those of another protocol than a cine."""
    return all(group.first.first.protocol.other_than_cine for group in family)


def _cosine(view: Sequence[Group]) -> float:
    """How nearly the normal of a view is the heart's long axis, up to 1."""
    return long_axis_cosine(view[0].first)


def _short_axis(views: list[list[Group]]) -> tuple[list[Group], list[list[Group]]]:
    """The view whose normal is the heart's long axis, or the largest where none is (animals), and the others."""
    if len(views) == 1:
        return views[0], []
    sizes = [len({round(d) for d in depths(_all(view))}) for view in views]
    along = [_cosine(view) for view in views]
    ranks = [
        (size >= STACK_SLICES, size >= STACK_SLICES and cosine > SHORT_AXIS_COSINE, size, cosine)
        for size, cosine in zip(sizes, along, strict=True)
    ]
    best = max(range(len(views)), key=lambda k: ranks[k])
    alone = sizes[best] < 2 and along[best] < SHORT_AXIS_COSINE
    # Stacks of long-axis views: nothing but a much larger one tells which is meant.
    rivals = [sizes[k] for k in range(len(views)) if k != best and sizes[k] >= STACK_SLICES]
    doubtful = bool(rivals) and along[best] < SHORT_AXIS_COSINE and sizes[best] < _MUCH_LARGER * max(rivals)
    if alone or doubtful or (sizes[best] < 2 and sum(cosine > SHORT_AXIS_COSINE for cosine in along) > 1):
        names = ", ".join(sorted({group.name for view in views for group in view}))
        raise InputError(
            f"The folder has several {'' if doubtful else 'single '}views and no short-axis stack ({names}): give the "
            "folder of one, or name its series with --series."
        )
    return views[best], [view for k, view in enumerate(views) if k != best]
