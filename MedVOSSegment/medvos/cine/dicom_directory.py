"""DICOMDIR: the list of the images on a disc, and which of them are there."""

from __future__ import annotations

from pathlib import Path

from medvos.cine.guard import reading
from medvos.errors import InputError

NAME = "dicomdir"


def is_directory_file(path: Path) -> bool:
    """Return whether the file is a DICOMDIR, by its name or with the version number that discs add to it."""
    return path.name.lower().split(";")[0].rstrip(".") == NAME


def listed_in(path: Path) -> tuple[list[Path], int]:
    """Return the files that a DICOMDIR lists and that are there, and how many are not.

    Names are compared without regard to capitals, which copies of discs change.

    Raises
    ------
    InputError: it is damaged, lists nothing, or none of its files is there.
    """
    from pydicom import dcmread

    with reading(path.name, "a DICOMDIR"):
        records = dcmread(path, force=True).get("DirectoryRecordSequence") or []
        listed = [_parts(record.ReferencedFileID) for record in records if record.get("ReferencedFileID")]
    there = _by_name(path.parent) if listed else {}
    found = [file for parts in listed if (file := there.get("/".join(parts).casefold())) is not None]
    if not listed:
        raise InputError(f"{path.name} lists no image: give the folder of the DICOM files.")
    if not found:
        raise InputError(f"{path.name} lists {len(listed)} images and none of them is beside it: copy the whole disc.")
    return list(dict.fromkeys(found)), len(listed) - len(found)


def _parts(file_id: object) -> list[str]:
    return [file_id] if isinstance(file_id, str) else [str(part) for part in file_id]  # type: ignore[attr-defined]


def _by_name(folder: Path) -> dict[str, Path]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix().split(";")[0].rstrip(".").casefold(): file for file in files}
