"""Unpack zip and tar archives into a private temporary folder that lives as long as the process."""

from __future__ import annotations

import atexit
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from medvos.cine.clutter import is_clutter, lies_in_clutter
from medvos.cine.dicom_start import LENGTH, is_dicom
from medvos.cine.guard import reading
from medvos.errors import InputError

ZIP, TAR = (".zip",), (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
SUFFIXES = (*ZIP, *TAR)
# Archives that Python does not unpack.
OTHERS = (".7z", ".rar", ".tar.zst", ".iso")
MAX_FILES = 100_000
MAX_BYTES = 16 * 2**30
# Images shrink to a third, background to a hundredth; an archive that grows more than this was made to fill a disk.
MAX_GROWTH = 200
SMALL_BYTES = 2**28  # no growth is harmful up to here
BLOCK = 2**20
MAX_BESIDE = 50  # files beside an archive that are looked at; a folder of more holds the images themselves
# Drive letters, streams and wildcards of Windows, and control characters.
NOT_IN_NAMES = re.compile(r'[<>:"|?*\x00-\x1f]')

_unpacked: dict[tuple[Path, int, int], Path] = {}


@dataclass(frozen=True)
class Member:
    """One file in an archive: its path there, and how to open it."""

    name: str
    open: Callable[[], IO[bytes]]


def is_archive(path: Path) -> bool:
    """Return whether a file's name is that of an archive that can be unpacked."""
    return path.name.lower().endswith(SUFFIXES)


def unpacked(path: Path) -> Path:
    """Return the input in an archive, or in the one archive of a folder without DICOM; any other path as it is.

    What was unpacked has the archive's name, so that messages tell it: a folder of DICOM, or the one file of another
    format. It is kept, for the export of results, until the process ends.

    Raises
    ------
    InputError: the archive is damaged, encrypted, nested, absurdly large or holds several cines, or the folder holds
        several archives.
    """
    archive = path
    if path.is_dir():
        inside = _archives_alone_in(path)
        if len(inside) > 1:
            names = ", ".join(entry.name for entry in inside[:5])
            raise InputError(f"{path.name} holds {len(inside)} archives ({names}): give one, or all to medvos batch.")
        if not inside:
            return path
        archive = inside[0]
    if archive.name.lower().endswith(OTHERS):
        raise InputError(f"{archive.name} is an archive of a kind that is not unpacked here: unpack it, then give it.")
    if not is_archive(archive):
        return path
    state = archive.stat()
    key = (archive.resolve(), state.st_size, state.st_mtime_ns)
    if key not in _unpacked:
        _unpacked[key] = _unpack(archive)
    return _input_in(_unpacked[key])


def _archives_alone_in(folder: Path) -> list[Path]:
    """The archives in a folder that has no folders and no DICOM beside them, such as that of a case with its seed."""
    inside = sorted(entry for entry in folder.iterdir() if not is_clutter(entry.name))
    archives = [entry for entry in inside if is_archive(entry)]
    beside = [entry for entry in inside if entry not in archives]
    if not archives or len(beside) > MAX_BESIDE or any(entry.is_dir() or _is_dicom(entry) for entry in beside):
        return []
    return archives


def _is_dicom(file: Path) -> bool:
    with file.open("rb") as stream:
        return is_dicom(stream.read(LENGTH))


def _unpack(archive: Path) -> Path:
    private = Path(tempfile.mkdtemp(prefix="medvos-"))  # readable by its owner alone
    atexit.register(shutil.rmtree, private, ignore_errors=True)
    folder = private / archive.name
    folder.mkdir()
    try:
        with reading(archive.name, "an archive"):
            _write_members(archive, folder)
    except BaseException:
        shutil.rmtree(private, ignore_errors=True)
        raise
    return folder


def _write_members(archive: Path, folder: Path) -> None:
    limit = min(MAX_BYTES, max(SMALL_BYTES, MAX_GROWTH * archive.stat().st_size))
    limit = min(limit, shutil.disk_usage(folder).free)
    written = files = 0
    for member in _members(archive):
        parts = PurePosixPath(member.name.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or re.match("^[A-Za-z]:", member.name):
            raise InputError(f"{archive.name} holds {parts.name}, which leads out of its folder: do not trust it.")
        if lies_in_clutter(parts) or not parts.parts:
            continue
        if parts.name.lower().endswith((*SUFFIXES, *OTHERS)):
            raise InputError(f"{archive.name} holds another archive, {parts.name}: unpack it and give what is in it.")
        files += 1
        target = _free(folder.joinpath(*(NOT_IN_NAMES.sub("_", part) for part in parts.parts)))
        target.parent.mkdir(parents=True, exist_ok=True)
        with member.open() as source, target.open("wb") as file:
            while block := source.read(BLOCK):
                written += len(block)
                if written > limit or files > MAX_FILES:
                    raise InputError(
                        f"{archive.name} holds more than can be unpacked here ({limit / 2**30:.1f} GB, {MAX_FILES} "
                        "files): unpack it and give the folder of one examination."
                    )
                file.write(block)


def _members(archive: Path) -> Iterator[Member]:
    return _in_zip(archive) if archive.name.lower().endswith(ZIP) else _in_tar(archive)


def _in_zip(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & 1:
                raise InputError(f"{archive.name} is encrypted: unpack it with its password and give the folder.")
            with _known_packing(archive.name):
                yield Member(info.filename, lambda info=info: file.open(info))  # type: ignore[misc]


@contextmanager
def _known_packing(name: str) -> Iterator[None]:
    try:
        yield
    except NotImplementedError as error:
        raise InputError(f"{name} is packed in a way that is not known here: unpack it and give the folder.") from error


def _in_tar(archive: Path) -> Iterator[Member]:
    with tarfile.open(archive) as file:
        for info in file:
            content = file.extractfile(info) if info.isfile() else None  # links and devices lead elsewhere
            if content is not None:
                yield Member(info.name, lambda content=content: content)  # type: ignore[misc]


def _free(path: Path) -> Path:
    """The path, or with a number where a member of this name is there already."""
    number = 2
    free = path
    while free.exists():
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
    return free


def _input_in(folder: Path) -> Path:
    """The one file of another format than DICOM, else the folder."""
    from medvos.cine import nifti, nrrd, video

    suffixes = (*nifti.SUFFIXES, *nrrd.SUFFIXES, *video.SUFFIXES)
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    images = [file for file in files if file.name.lower().endswith(suffixes)]
    # The voxels of a header lie in a file of the same name.
    headers = {file.with_suffix("") for file in images if file.suffix.lower() == ".hdr"}
    images = [file for file in images if file.suffix.lower() != ".img" or file.with_suffix("") not in headers]
    if not images:
        return folder
    if len(images) > 1:
        names = ", ".join(file.name for file in images[:5])  # folders may have patients' names
        raise InputError(f"{folder.name} holds {len(images)} images ({names}): unpack it and give the cine alone.")
    return images[0]
