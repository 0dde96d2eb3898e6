"""What a structure is called in files for other programs."""

from __future__ import annotations

import re
import unicodedata

from medvos.cine.label_names import Part, part_named
from medvos.result import OWN_NAMES, Result
from medvos.structures import LA, MVO, name_of

# Of a DICOM label; a backslash would make it two values.
LONGEST = 64
HEART = (Part.LV, Part.MYO, Part.RV, Part.WHOLE_LV)
SOMETIMES = {Part.MVO: MVO, Part.LA: LA}


def title_of(result: Result, label: int) -> str:
    """Return the name that the reader gave a structure of their own; else that of `medvos.structures`.

    A name that means another structure of the result is left out: whoever reads the file would take one for the other.

    >>> title_of(result, 4)  # doctest: +SKIP
    'Aorta'
    """
    own = str(result.provenance.get(OWN_NAMES, {}).get(str(label), ""))
    plain = "".join(character for character in own if character.isprintable() and character not in "\\|").strip()
    part = part_named(plain)
    is_taken = part in HEART or (part in SOMETIMES and bool((result.labels == SOMETIMES[part]).any()))
    return name_of(label) if is_taken or not plain else plain[:LONGEST]


def ascii_title_of(result: Result, label: int) -> str:
    """Return the same in ASCII, which DICOM can write in any character set: letters lose their accents.

    >>> ascii_title_of(result, 4)  # doctest: +SKIP
    'Auricula izquierda'
    """
    title = unicodedata.normalize("NFKD", title_of(result, label))
    return title.encode("ascii", "ignore").decode().strip()[:LONGEST] or name_of(label)


def file_name_of(result: Result, label: int) -> str:
    """Return the name of a structure for names of files; that of a reader's own tells two of the same name apart.

    >>> file_name_of(result, 4)  # doctest: +SKIP
    'structure-4-Aorta'
    """
    name, title = name_of(label), title_of(result, label)
    return re.sub(r"\W+", "-", name if title == name else f"{name} {title}").strip("-")
