"""One case of a cohort, and valid names of cases."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from medvos.errors import InputError

# A name becomes a folder on any file system.
FORBIDDEN = frozenset('/\\:*?"<>|')
LONGEST_NAME = 200  # bytes; the usual limit of file systems is 255


@dataclass(frozen=True)
class Case:
    """A cine and its seed.

    Attributes
    ----------
    name: the name that the user gives; results contain no other.
    cine: DICOM folder, 4D NIfTI, ``.seq.nrrd``, AVI or MP4, or an archive of one.
    seed: label image on the cine's grid; None if there is none, so that the case fails.
    phase: of a 3D seed, counted from 0.
    truth: label NIfTI on the cine's grid to compare with, or None; voxels of 255 are not compared.
    """

    name: str
    cine: Path
    seed: Path | None
    phase: int | None = None
    truth: Path | None = None


def check_names(names: Iterable[str]) -> None:
    """Raise InputError if a name is not valid for a folder, or two are the same on some file systems."""
    seen: set[str] = set()
    for name in names:
        _check_name(name)
        folder = folder_name(name)
        if folder in seen:
            raise InputError(f"The case '{name}' is listed twice; give every case a name of its own.")
        seen.add(folder)


def folder_name(name: str) -> str:
    """Return what two names have in common that are one folder on some file systems."""
    return unicodedata.normalize("NFC", name).casefold()


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
