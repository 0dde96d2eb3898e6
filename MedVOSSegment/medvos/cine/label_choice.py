"""What the user says about labels: ``lv=1,myo=2,rv=3``, by number or by the name of a segment."""

from __future__ import annotations

import re
from collections.abc import Mapping

from medvos.errors import InputError
from medvos.structures import LA, LV, MVO, MYO, RV

# Left out, and kept under a free number as a structure of the user's own.
LEFT_OUT, OTHER = 0, -1
STRUCTURES = {"lv": LV, "myo": MYO, "rv": RV, "mvo": MVO, "la": LA, "none": LEFT_OUT, "other": OTHER}
EXAMPLE = "lv=1,myo=2,rv=3"
# In messages about labels that are not understood: numbers of an example could be copied, and be wrong.
FORM = "lv=...,myo=...,rv=..."
Choice = Mapping[str, int]


def read_choice(text: str | Mapping[str, int | str] | None) -> dict[str, int] | None:
    """Return what each label of a file is: its number or name to a label of `medvos.structures`, 0 or `OTHER`.

    `text` is such as ``lv=1,myo=2,rv=3``; a structure may be given more than once, a label may not. A mapping of
    structure to label is taken too; None says nothing.

    >>> read_choice("lv=1,myo=2,rv=3")
    {'1': 3, '2': 2, '3': 1}

    Raises
    ------
    InputError: it is of another form, or names a label twice.
    """
    if text is None:
        return None
    parts = [f"{key}={value}" for key, value in text.items()] if isinstance(text, Mapping) else text.split(",")
    choice: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in parts)):
        structure, equals, label = (piece.strip() for piece in part.partition("="))
        number = STRUCTURES.get(structure.casefold())
        if number is None or not equals or not label:
            known = ", ".join(STRUCTURES)
            raise InputError(f"--labels cannot be read at '{part[:40]}': write it as {EXAMPLE} (of {known}).")
        if not label.strip("."):
            raise InputError(f"--labels {structure}={label} has no label: give the numbers of yours, as in {EXAMPLE}.")
        label = key_of(label)
        if label == "0" or re.fullmatch(r"[-+]\d+|\d+\.\d*", label):
            raise InputError(f"--labels gives '{structure}' the label {label}: labels are whole numbers from 1.")
        if choice.get(label, number) != number:
            raise InputError(f"--labels gives label {label} to two structures: name each label once.")
        choice[label] = number
    if not choice:
        raise InputError(f"--labels is empty: write it as {EXAMPLE}.")
    return choice


def key_of(label: int | str) -> str:
    """Return the key of a label's number or a segment's name in a choice."""
    text = str(label).strip().casefold()
    return str(int(text)) if text.isascii() and text.isdigit() else text


def as_text(numbers: Mapping[int, int]) -> str:
    """Return `numbers` (label of the file to label of `medvos.structures`) in the form that `read_choice` reads."""
    named = {number: name for name, number in STRUCTURES.items()}
    order = [LV, MYO, RV, MVO, LA]
    parts = sorted((item for item in numbers.items() if item[1] in order), key=lambda item: order.index(item[1]))
    return ",".join(f"{named[structure]}={label}" for label, structure in parts)
