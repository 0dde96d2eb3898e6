"""Decide which structure each label of an image is: by its name, else by how the structures lie to each other.

House numbers are 1 RV, 2 Myo, 3 LV; other usual conventions are 1 LV, 2 Myo, 3 RV (M&Ms) and 1 LV, 2 Myo, 3 LA (CAMUS).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.anatomy import (
    ENCLOSED,
    OUTSIDE,
    enclosing_pairs,
    enclosure,
    is_hollow,
    lies_beside,
    roundness,
    slices_of,
    touch,
)
from medvos.cine.label_choice import FORM, as_text
from medvos.cine.labels import LARGEST_LABEL
from medvos.errors import InputError
from medvos.structures import LA, LV, MVO, MYO, RV, name_of

HOUSE = (RV, MYO, LV)
# Whole-heart images of MM-WHS.
WHOLE_HEART = {500: LV, 205: MYO, 600: RV}
# A cavity this much rounder than the other is the LV.
ROUNDER = 0.03
# The RV is a crescent: of ACDC's slices 95 % are less round than 0.89, and 99 % of the LV's rounder than 0.875.
LEAST_ROUND = 0.87
# Not below: labels from 4 on are structures of the user's, but these are greys or codes.
CODES_FROM = 50


@dataclass(frozen=True)
class Meaning:
    """`numbers`: label of the image to label of `medvos.structures`, or to 0; and a note on what was decided."""

    numbers: dict[int, int]
    notes: tuple[str, ...] = ()


def by_anatomy(labels: NDArray, name: str, echo: bool = False, numbered: bool = True) -> Meaning:
    """Return the meaning of labels (..., Y, X) of which nothing tells the names.

    `numbered` is False where the numbers mean nothing either, as those of segments in the order of drawing.

    Raises
    ------
    InputError: it is in doubt; the sentence names the labels, what they seem to be and ``--labels``.
    """
    present = [int(n) for n in np.unique(labels) if n]
    heart = [n for n in present if n in HOUSE]
    others = [n for n in present if n not in HOUSE]
    slices = slices_of(np.where(np.isin(labels, present if not heart else [*heart, MVO]), labels, 0))
    if not numbered:
        return _without_numbers(labels, present, name, echo)
    if not heart:
        return _without_house_numbers(slices, others, name)
    masks = {n: slices == n for n in heart}
    if MVO in others and MYO in masks:
        masks[MYO] = masks[MYO] | (slices == MVO)
    if len(heart) == 1:
        _check_one(heart[0], masks[heart[0]], name, present, echo)
        alone = heart == [LV] and not echo
        return Meaning({n: n for n in present}, (_ALONE.format(name),) if alone else ())
    pairs = enclosing_pairs(masks)
    if (MYO, LV) in pairs and len(pairs) == 1 and _may_be_rv(masks, MYO, LV, RV):
        return _same(present)
    if len(pairs) == 1:
        return _renumbered(masks, pairs[0], present, name, echo)
    if not pairs and _house_without_enclosure(masks, echo):
        return _same(present)
    raise InputError(_doubt(name, present, "and they do not lie to each other as 1 RV, 2 Myo, 3 LV would"))


def _same(present: list[int]) -> Meaning:
    return Meaning({n: n for n in present})


def _check_one(label: int, mask: NDArray[np.bool_], name: str, present: list[int], echo: bool) -> None:
    """Refuse a single label of the house where it is not plainly what its number says."""
    if label == LV and not is_hollow(mask) and (echo or roundness(mask) >= LEAST_ROUND):
        return
    if label == MYO and is_hollow(mask):
        return
    seems = "; it is a ring, as the myocardium" if is_hollow(mask) else ""
    raise InputError(_doubt(name, present, f"and nothing tells which structure it is{seems}"))


def _house_without_enclosure(masks: dict[int, NDArray[np.bool_]], echo: bool) -> bool:
    """Whether labels that do not enclose each other are plainly those of the house.

    These are the RV beside a ring without a cavity, the LV beside an RV that is a crescent, or a wall and a cavity that
    were drawn in different slices.
    """
    if set(masks) == {RV, MYO}:
        return is_hollow(masks[MYO]) and not is_hollow(masks[RV])
    if set(masks) == {RV, LV}:
        apart = not touch(masks[LV], masks[RV])  # the septum is between them
        full = not is_hollow(masks[LV]) and not is_hollow(masks[RV])
        return not echo and apart and full and roundness(masks[LV]) >= roundness(masks[RV]) + ROUNDER
    if np.isnan(enclosure(masks[LV], masks[MYO])):  # never in one slice
        return is_hollow(masks[MYO]) and not is_hollow(masks[LV]) and (RV not in masks or not is_hollow(masks[RV]))
    return False


def _may_be_rv(masks: dict[int, NDArray[np.bool_]], wall: int, cavity: int, other: int) -> bool:
    """Whether the third label lies outside wall and cavity, not within as an infarct does."""
    return other not in masks or not enclosure(masks[other], masks[wall] | masks[cavity]) > OUTSIDE


def _renumbered(
    masks: dict[int, NDArray[np.bool_]], pair: tuple[int, int], present: list[int], name: str, echo: bool
) -> Meaning:
    """The meaning where one label plainly encloses another, and the third, if any, touches it from outside."""
    wall, cavity = pair
    numbers = {n: n for n in present} | {wall: MYO, cavity: LV}
    third = [n for n in masks if n not in pair]
    if third and echo:
        # Below the LV in an apical view lies the left atrium as often as beside it the RV.
        numbers[third[0]] = free_number(present)
    elif third and lies_beside(masks[third[0]], masks[wall] | masks[cavity]):
        numbers[third[0]] = RV
    elif third:
        raise InputError(_doubt(name, present, f"and label {third[0]} does not lie where the RV would"))
    return Meaning(numbers, (_note(name, numbers, wall, cavity),))


def _without_house_numbers(slices: NDArray, others: list[int], name: str) -> Meaning:
    """Labels of which none is 1, 2 or 3: structures of the user's own, or a heart in greys or other codes."""
    if max(others, default=0) < CODES_FROM:
        return Meaning({n: n for n in others}, (_NO_VENTRICLE.format(name, _followed(others)),) if others else ())
    known = {n: WHOLE_HEART[n] for n in others if n in WHOLE_HEART}
    whole_heart = len(known) > 1 and max(others) > LARGEST_LABEL
    candidates = list(known) if whole_heart else others
    masks = {n: slices == n for n in candidates}
    pairs = enclosing_pairs(masks) if len(candidates) in (2, 3) else []
    if len(pairs) == 1:
        wall, cavity = pairs[0]
        third = [n for n in candidates if n not in pairs[0]]
        numbers = {wall: MYO, cavity: LV}
        if not third or lies_beside(masks[third[0]], masks[wall] | masks[cavity]):
            numbers |= dict.fromkeys(third, RV)
            for label in others:
                numbers.setdefault(label, free_number([*numbers.values()]))
            return Meaning(numbers, (_note(name, numbers, wall, cavity),))
    if max(others) > LARGEST_LABEL or set(others) & {LARGEST_LABEL, MVO} or len(pairs) == 1:
        raise InputError(_doubt(name, others, "and nothing tells which structures they are"))
    return Meaning({n: n for n in others}, (_NO_VENTRICLE.format(name, _followed(others)),))


def _without_numbers(labels: NDArray, present: list[int], name: str, echo: bool) -> Meaning:
    """Two or three labels in any numbers, of which one plainly encloses another."""
    slices = slices_of(labels)
    masks = {n: slices == n for n in present}
    pairs = enclosing_pairs(masks) if len(present) in (2, 3) else []
    if len(pairs) != 1:
        raise InputError(_doubt(name, present, "and nothing tells which structures they are"))
    return _renumbered(masks, pairs[0], present, name, echo)


def chosen_against(
    labels: NDArray, numbers: Mapping[int, int], stated: Mapping[int, int] | None, name: str
) -> tuple[str, ...]:
    """Return a sentence where the user gives labels (..., Y, X) otherwise than their file does, or than they lie.

    Parameters
    ----------
    numbers: label of the image to label of `medvos.structures`, by the user.
    stated: the same by the file, None where it has none.
    """
    present = [n for n in numbers if (labels == n).any()]
    other = [n for n in present if stated and stated.get(n, n) != numbers[n]]
    if other:
        named = ", ".join(f"label {n} {name_of((stated or {}).get(n, n))}" for n in other)
        return (f"--labels contradicts the names in the file of {_inside(name)} ({named}): --labels was used.",)
    slices = slices_of(labels)
    masks = {numbers[n]: np.isin(slices, [k for k in present if numbers[k] == numbers[n]]) for n in present}
    pairs = [(outer, inner) for outer, inner in enclosing_pairs({k: masks[k] for k in HOUSE if k in masks})]
    if not pairs or (MYO, LV) in pairs:
        return ()
    outer, inner = pairs[0]
    return (
        f"By --labels, {name_of(outer)} of {_inside(name)} encloses {name_of(inner)}, as the myocardium "
        "encloses the LV: --labels was used, look whether it is right.",
    )


def check_named(labels: NDArray, numbers: Mapping[int, int], named: Mapping[int, str], name: str, sure: bool) -> None:
    """Refuse labels (..., Y, X) whose names contradict how they lie; `sure` names are refused in a plain case alone.

    Parameters
    ----------
    numbers: label of the image to label of `medvos.structures`.
    named: label of the image to the words for it in the sentence.

    Raises
    ------
    InputError: a structure encloses another that it cannot, or, of names that are not sure, lies otherwise than it can.
    """
    slices = slices_of(labels)
    masks = {}
    for structure in HOUSE:
        own = [n for n, meant in numbers.items() if meant == structure or (structure == MYO and meant == MVO)]
        mask = np.isin(slices, own)
        if mask.any():
            masks[structure] = mask
    words = {numbers[n]: text for n, text in named.items() if n in numbers}
    for outer, inner in ((LV, MYO), (MYO, RV), (LV, RV), (RV, LV), (RV, MYO)):
        if outer in masks and inner in masks and enclosure(masks[inner], masks[outer]) >= ENCLOSED + 0.1:
            raise InputError(
                f"{name} contradicts itself: {words.get(outer, name_of(outer))} encloses "
                f"{words.get(inner, name_of(inner))}; correct the names, or give them with --labels {FORM}."
            )
    if sure:
        return
    if {LV, MYO} <= set(masks) and enclosure(masks[LV], masks[MYO]) < 1 - OUTSIDE + 0.1:
        raise InputError(
            f"{name} contradicts itself: {words.get(MYO, 'Myo')} does not enclose {words.get(LV, 'LV')}; correct the "
            f"names or the drawing, or give the structures with --labels {FORM}."
        )
    if MYO in masks and LV not in masks and not is_hollow(masks[MYO]):
        raise InputError(
            f"{name} has {words.get(MYO, 'Myo')} without a cavity in it: draw the LV too, or give --labels myo=... "
            "if this is the whole wall."
        )
    if LV in masks and MYO not in masks and is_hollow(masks[LV]):
        raise InputError(
            f"{name} has {words.get(LV, 'LV')} as a ring, as the myocardium is: give the structures with "
            f"--labels {FORM}."
        )


def _inside(name: str) -> str:
    """Such as "The seed" within a sentence."""
    return name.replace("The ", "the ", 1) if name.startswith("The ") else name


def free_number(taken: list[int]) -> int:
    """Return the lowest label from 4 on that is not taken."""
    return next(n for n in range(LV + 1, LARGEST_LABEL) if n not in taken and n not in (MVO, LA))


_ALONE = "{0} has label 3 alone, which was taken as the LV; if it is another structure, give it with --labels."
_NO_VENTRICLE = (
    "{0} has no label 1, 2 or 3: {1}, and no ventricle is measured; if a ventricle is among them, give --labels "
    f"{FORM}."
)


def _note(name: str, numbers: dict[int, int], wall: int, cavity: int) -> str:
    return (
        f"{name} is not numbered 1 RV, 2 Myo, 3 LV: label {wall} encloses label {cavity}, so its labels were taken as "
        f"{as_text(numbers)}{_kept(numbers)}; give --labels if that is wrong."
    )


def _kept(numbers: dict[int, int]) -> str:
    """Words for labels that became structures of the user's own."""
    kept = [
        f"{n} as structure {meant}"
        for n, meant in numbers.items()
        if meant > LV and meant not in (MVO, LA) and n != meant
    ]
    return f" ({', '.join(kept)})" if kept else ""


def _followed(labels: list[int]) -> str:
    """Words for labels that are kept as they are: the left atrium, and structures of the user's own."""
    own = [n for n in labels if n != LA]
    parts = [f"label {LA} is the left atrium"] if LA in labels else []
    if len(own) == 1:
        parts.append(f"label {own[0]} is followed as a structure of your own")
    elif own:
        parts.append(f"labels {_some(own)} are followed as structures of your own")
    return ", ".join(parts)


def _some(labels: list[int]) -> str:
    return ", ".join(str(n) for n in labels[:8]) + (" ..." if len(labels) > 8 else "")


def _doubt(name: str, present: list[int], why: str) -> str:
    if len(present) == 1:
        n = present[0]
        return (
            f"{name} has label {n} alone {why}: say it with --labels lv={n} (or myo={n}, rv={n}, la={n}, or other={n} "
            "for a structure of your own)."
        )
    return (
        f"{name} has labels {_some(present)} {why}: say what they are with --labels {FORM} and their numbers "
        "(also la, other and none)."
    )
