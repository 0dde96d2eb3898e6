"""Labels by the names of their segments."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from medvos.cine.anatomy import ENCLOSED, enclosure, is_hollow, slices_of
from medvos.cine.label_choice import FORM
from medvos.cine.label_meaning import HOUSE, Meaning, check_named, free_number
from medvos.cine.label_names import Part
from medvos.errors import InputError
from medvos.structures import LA, LV, MVO, MYO, RV, name_of

NUMBERS = {Part.LV: LV, Part.MYO: MYO, Part.RV: RV, Part.MVO: MVO, Part.LA: LA}


def by_parts(labels: NDArray, parts: Mapping[int, Part | None], names: Mapping[int, str], what: str) -> Meaning:
    """Return the meaning of labels (..., Y, X) by the `parts` that their `names` tell; None is not known.

    What is named as another structure, or by no known name, is kept as a structure of the user's own, under its number
    where that is free, and a note says so.

    Raises
    ------
    InputError: two labels have one name, or names contradict how the structures lie.
    """
    words = {n: f"'{names[n]}'" if n in names else f"label {n}" for n in parts}
    known = _without_doubles(labels, {n: part for n, part in parts.items() if part is not None}, words, what)
    numbers = {n: NUMBERS[part] for n, part in known.items() if part in NUMBERS}
    numbers |= _whole_lv(labels, known, words, what)
    taken, notes = list(numbers.values()), []
    for n in parts:
        if n in numbers:
            continue
        numbers[n] = (
            n if n > max(HOUSE) and n not in (MVO, LA, 255) and n not in taken else free_number([*taken, *parts])
        )
        taken.append(numbers[n])
        if parts[n] is None or numbers[n] != n:
            notes.append(f"{words[n]} as {name_of(numbers[n])}")
    check_named(labels, numbers, words, what, sure=False)
    if notes:
        told = f"{what} has segments beside LV, Myo and RV: {', '.join(notes)}; --labels tells what they are otherwise."
        return Meaning(numbers, (told,))
    return Meaning(numbers)


def _without_doubles(
    labels: NDArray, known: Mapping[int, Part], words: Mapping[int, str], what: str
) -> dict[int, Part]:
    """Parts without two of a name; of two LVs the one that encloses the other is its wall."""
    result = dict(known)
    for part in NUMBERS:
        twice = [n for n, one in known.items() if one is part]
        if len(twice) < 2:
            continue
        walls = {Part.MYO, Part.WHOLE_LV} & set(known.values())
        if part is Part.LV and len(twice) == 2 and not walls:
            slices = slices_of(labels)
            outer = [n for n in twice if _encloses(slices, n, next(other for other in twice if other != n))]
            if len(outer) == 1:
                result[outer[0]] = Part.MYO
                continue
        listed = " and ".join(words[n] for n in twice)
        raise InputError(
            f"{what} has {listed}, which both seem to be {part.value}: rename them, or say which is which with "
            f"--labels {FORM}."
        )
    return result


def _encloses(slices: NDArray, outer: int, inner: int) -> bool:
    return enclosure(slices == inner, slices == outer) >= ENCLOSED


def _whole_lv(labels: NDArray, known: Mapping[int, Part], words: Mapping[int, str], what: str) -> dict[int, int]:
    """What is left of a filled epicardium is the wall, where the cavity was taken out of it."""
    whole = [n for n, part in known.items() if part is Part.WHOLE_LV]
    if not whole:
        return {}
    parts = set(known.values())
    if Part.MYO in parts or len(whole) > 1:
        own = [n for n in known if known[n] is Part.MYO]
        listed = ", ".join(words[n] for n in [*whole, *own])
        raise InputError(
            f"{what} has {listed}, of which one is the wall and the other not told apart from it: say which is which "
            f"with --labels {FORM}."
        )
    if Part.LV in parts or is_hollow(slices_of(np.where(labels == whole[0], labels, 0)) > 0):
        return {whole[0]: MYO}
    raise InputError(
        f"{what} has {words[whole[0]]} without the cavity in it: draw the endocardium too, which tells them "
        "apart, or give --labels."
    )
