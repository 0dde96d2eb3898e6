"""Which structures are scored: those that the truth has, or those of them that the user names."""

from __future__ import annotations

from collections.abc import Iterable

from medvos.errors import InputError
from medvos.structures import OBSTRUCTION, STRUCTURES, name_of

_BY_NAME = {one.name.lower(): one.label for one in (*STRUCTURES, OBSTRUCTION)}


def chosen_structures(text: str | None) -> tuple[int, ...] | None:
    """Return the labels of structures named with commas, by name or number; None where all are meant.

    >>> chosen_structures("LV,Myo")
    (3, 2)

    Raises
    ------
    InputError: there is no such structure.
    """
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",") if part.strip()]
    labels = [_BY_NAME.get(part.lower(), int(part) if part.isdecimal() else 0) for part in parts]
    for part, label in zip(parts, labels, strict=True):
        if not 0 < label < 255:
            raise InputError(f"There is no structure '{part}': choose from LV, Myo, RV and MVO, or give a number.")
    if not labels:
        raise InputError("No structure is named: give some with commas, such as LV,Myo.")
    return tuple(dict.fromkeys(labels))


def scored(
    truth: Iterable[int], prediction: Iterable[int], chosen: tuple[int, ...] | None
) -> tuple[list[int], tuple[str, ...]]:
    """Return the labels to score, and a note on those that the truth lacks.

    What an expert has not labelled is not wrong where it is predicted.

    >>> scored([2, 3], [1, 2, 3], None)
    ([2, 3], ('The truth has no RV: it is not scored.',))
    """
    known = {*truth}
    wanted = sorted({*known, *prediction} if chosen is None else {*chosen})
    lacking = [name_of(label) for label in wanted if label not in known]
    note = f"The truth has no {' and no '.join(lacking)}: {'it is' if len(lacking) == 1 else 'they are'} not scored."
    return [label for label in wanted if label in known], (note,) if lacking else ()
