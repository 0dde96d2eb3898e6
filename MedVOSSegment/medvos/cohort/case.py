"""One case of a cohort, and what it may be called."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from medvos.errors import InputError

# A name becomes a folder on whatever disk the results go to.
FORBIDDEN = frozenset('/\\:*?"<>|')
LONGEST_NAME = 200  # bytes; the usual limit of file systems is 255


@dataclass(frozen=True)
class Case:
    """A cine and the drawing that it is segmented from.

    Attributes
    ----------
    name: what the user calls it; the only thing that the results call it.
    cine: DICOM folder, 4D NIfTI, ``.seq.nrrd``, AVI or MP4.
    seed: label image on the cine's grid; None where there is none, so that the case cannot be segmented.
    phase: of a 3D seed, counted from 0.
    truth: label NIfTI on the cine's grid to compare with, or None; 255 is not compared.
    """

    name: str
    cine: Path
    seed: Path | None
    phase: int | None = None
    truth: Path | None = None


def check_names(names: Iterable[str]) -> None:
    """Raise InputError where a name cannot be a folder's, or two cannot be told apart on every disk."""
    seen: set[str] = set()
    for name in names:
        _check_name(name)
        folder = unicodedata.normalize("NFC", name).casefold()
        if folder in seen:
            raise InputError(f"The case '{name}' is listed twice; give every case a name of its own.")
        seen.add(folder)


def _check_name(name: str) -> None:
    if not name:
        raise InputError("A case has no name; give every case a name of its own.")
    if FORBIDDEN & set(name) or not name.isprintable() or name.startswith(".") or name.endswith((".", " ")):
        raise InputError(
            f"The case {name!r} cannot be the name of a folder; leave out {' '.join(sorted(FORBIDDEN))}, "
            "control characters, and dots at its ends."
        )
    if len(name.encode()) > LONGEST_NAME:
        raise InputError(f"The case '{name[:40]}...' has too long a name for a folder; shorten it.")
