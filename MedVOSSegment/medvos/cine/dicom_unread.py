"""Files in a folder of DICOM that are no DICOM: damaged images are refused, archives noted, documents passed over."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from medvos.cine.archive import OTHERS, SUFFIXES
from medvos.cine.nifti import SUFFIXES as NIFTI
from medvos.errors import InputError

VIDEOS = (".avi", ".mp4", ".mov", ".mkv")
DICOM_SUFFIXES = (".dcm", ".ima", ".dicom")
INPUTS = "give a DICOM folder, a 4D NIfTI, a .seq.nrrd or a video."
_NAMED = 3  # archives in a note


def check_unread(images: Collection[Path], unread: Sequence[Path]) -> list[str]:
    """Refuse a folder in which files that are no DICOM are named like its images; return notes on archives.

    `images` are the files with an image, `unread` those that are no DICOM at all. An interrupted copy leaves empty
    files, a server writes an error page in place of an image: the cine would be shorter without a word.
    """
    patterns = {_pattern(file.name) for file in images}
    suffixes = {file.suffix.casefold() for file in images if file.suffix[1:].isalpha()} | set(DICOM_SUFFIXES)
    suffixless = any(not file.suffix for file in images)

    def is_meant(file: Path) -> bool:
        if file.suffix.casefold() in suffixes or _pattern(file.name) in patterns:
            return True
        return not file.suffix and suffixless and any(map(str.isdigit, file.name)) and file.stat().st_size == 0

    damaged = [file for file in unread if is_meant(file)]
    total = len(images) + len(damaged)
    if empty := [file for file in damaged if file.stat().st_size == 0]:
        are, them = ("is", "it") if len(empty) == 1 else ("are", "them")
        raise InputError(f"{len(empty)} of {total} files {are} empty (such as {empty[0].name}): copy {them} again.")
    if damaged:
        are, them = ("is", "it") if len(damaged) == 1 else ("are", "them")
        raise InputError(
            f"{len(damaged)} of {total} files {are} damaged or no DICOM (such as {damaged[0].name}): copy {them} "
            f"again, or take {them} out of the folder."
        )
    packed = [file.name for file in unread if _is_packed(file.name.casefold())]
    if not packed:
        return []
    names = ", ".join(packed[:_NAMED]) + (" ..." if len(packed) > _NAMED else "")
    what = "1 packed file was" if len(packed) == 1 else f"{len(packed)} packed files were"
    return [f"{what} not looked into ({names}): unpack what holds images of the cine."]


def no_image(path: Path, files: Sequence[Path]) -> str:
    """Return the refusal of a path without a DICOM image: how many of its files are empty, or NIfTI."""
    if path.is_file():
        return f"{path.name} is no DICOM image: {INPUTS}"
    what = f"The folder {path.name} has no DICOM image in it"
    if empty := sum(file.stat().st_size == 0 for file in files):
        are, them = ("is", "it") if empty == 1 else ("are", "them")
        return f"{what}, and {empty} of its {len(files)} files {are} empty (0 bytes): copy {them} again, or {INPUTS}"
    videos = [file for file in files if file.suffix.casefold() in VIDEOS]
    if videos:
        return f"{what}, and {len(videos)} videos (such as {videos[0].name}): give one of them."
    nifti = [file for file in files if file.name.casefold().endswith(NIFTI[:2])]
    axes = [_axes(file) for file in nifti]
    whole = [file.name for file, number in zip(nifti, axes, strict=True) if number > 3]
    volumes = axes.count(3)
    if volumes > 1 and not whole:
        return (
            f"{what}, and {volumes} NIfTI files of one volume each: join them into one 4D NIfTI in the order of time, "
            "such as with fslmerge -tr cine.nii.gz phase01.nii.gz phase02.nii.gz ... 0.04 (the seconds between two "
            "phases), and give that file."
        )
    if nifti:
        named = next(iter(whole), nifti[0].name)
        return f"{what}, and {len(nifti)} NIfTI (such as {named}): give the 4D file itself."
    return f"{what}: {INPUTS}"


def _pattern(name: str) -> str:
    """A name without its numbers: `IM0012.dcm` and `IM0100.dcm` are alike, and so are two UIDs and two hashes."""
    name = name.casefold()
    return "#" if re.fullmatch(r"[0-9a-f]{8,}", name) else re.sub(r"\d+(?:[._-]*\d+)*", "#", name)


def _is_packed(name: str) -> bool:
    return name.endswith((*SUFFIXES, *OTHERS)) or (name.endswith(".gz") and not name.endswith((".nii.gz", ".nrrd.gz")))


def _axes(file: Path) -> int:
    """How many axes longer than one a NIfTI has beyond its first three, and three; 0 where it cannot be read."""
    import nibabel

    try:
        shape = nibabel.load(file).shape  # type: ignore[attr-defined]
    except Exception:  # what nibabel raises for a damaged file is of many kinds
        return 0
    return 3 + sum(size > 1 for size in shape[3:])
