"""What a structure is called in files for other programs."""

from __future__ import annotations

from medvos.result import OWN_NAMES, Result
from medvos.structures import name_of

# Of a DICOM label; a backslash would make it two values.
LONGEST = 64


def title_of(result: Result, label: int) -> str:
    """Return the name that the reader gave a structure of their own; else that of `medvos.structures`.

    >>> title_of(result, 4)  # doctest: +SKIP
    'Aorta'
    """
    own = str(result.provenance.get(OWN_NAMES, {}).get(str(label), ""))
    plain = "".join(character for character in own if character.isprintable() and character not in "\\|").strip()
    return plain[:LONGEST] or name_of(label)
