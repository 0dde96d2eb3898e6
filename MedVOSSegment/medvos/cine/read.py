"""Read a cine from any supported file or folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from medvos.cine.archive import unpacked
from medvos.cine.cine import Cine
from medvos.cine.clip import Clip, clip_of
from medvos.cine.contents import SeriesRow
from medvos.cine.guard import SMALLEST_SIDE, checked, reading
from medvos.cine.phase_order import check_axes
from medvos.cine.several_beats import first_beat_of
from medvos.errors import InputError

Opened = TypeVar("Opened", Cine, Clip)
LABEL_IMAGES = (".nii", ".nii.gz", ".hdr", ".img", ".nrrd", ".nhdr")
STILL_IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")


def read(path: str | Path, series: Sequence[int] = (), every_beat: bool = False) -> Cine:
    """Read a cine: a DICOM folder or file, a 4D NIfTI, a `.seq.nrrd` or 4D NRRD, an AVI or MP4; also in an archive.

    Of DICOM, `series` are the numbers of the series to read; without them the short-axis stack is chosen by evidence.
    Of cine MRI that shows several beats the first is read, unless `every_beat` is wanted, as of labels of an echo clip.
    Returns an array (T, Z, Y, X) whose slices follow the slice normal, with its affine (RAS, mm) and phase times (ms).
    Raises InputError where there is no cine at `path`, or none that can be read completely.

    >>> read("patient/").shape  # (T, Z, Y, X)
    """
    path = Path(path)
    path = path if path.name else path.resolve()  # "." has no name, the folder that it stands for does
    with reading(path.name, "a cine"):
        _check_there(path)
        cine = checked(_of(_read(unpacked(path), series), path))
        if cine.source.kind == "dicom" or cine.is_echo:
            return cine  # a DICOM stack was looked at slice by slice, and every beat of a clip is measured
        check_axes(cine)
        return cine if every_beat else first_beat_of(cine)


def read_files(files: Sequence[str | Path], series: Sequence[int] = ()) -> Cine:
    """Read the cine in DICOM files that lie anywhere, as those of a database do; otherwise as `read`.

    >>> read_files(database.filesForSeries(uid)).shape  # doctest: +SKIP
    """
    from medvos.cine import dicom

    paths = [Path(file) for file in files]
    if not paths:
        raise InputError("No file was given: give the DICOM files of one cine.")
    for path in paths:
        _check_there(path)
    with reading(paths[0].name, "a cine"):
        return checked(dicom.read_dicom_files(paths, series))


def what_is_there(path: str | Path) -> tuple[SeriesRow, ...]:
    """Return one row for each kind of image of each series of DICOM at `path`; none of anything else.

    >>> print(contents_table(what_is_there("patient/")))  # doctest: +SKIP
    """
    from medvos.cine import dicom

    try:
        return dicom.contents(unpacked(Path(path).resolve()))
    except InputError:
        return ()


def open_clip(path: str | Path) -> Clip:
    """Open a clip to be read frame by frame: an AVI, an MP4, ultrasound DICOM or an NRRD made of one.

    Raises InputError where there is no clip at `path`.
    """
    path = Path(path)
    path = path if path.name else path.resolve()
    from medvos.cine import dicom, nifti, nrrd, video

    with reading(path.name, "a clip"):
        _check_there(path)
        given, path = path, unpacked(path)
        name = path.name.lower()
        if name.endswith(nrrd.SUFFIXES) and (cine := nrrd.read_nrrd(path)).source.description and cine.shape[1] == 1:
            return clip_of(_of(cine, given), path.name)
        if name.endswith((*nifti.SUFFIXES, *nrrd.SUFFIXES)):
            raise InputError(f"{path.name} is not an ultrasound clip: give an AVI, an MP4 or DICOM.")
        clip = video.open_video(path) if name.endswith(video.SUFFIXES) else dicom.open_dicom_clip(path)
        if min(clip.shape) < SMALLEST_SIDE:
            raise InputError(
                f"{path.name} has frames of {clip.shape[1]} x {clip.shape[0]} pixels, too small to show a heart."
            )
        return _of(clip, given)


def _of(opened: Opened, path: Path) -> Opened:
    """Return what was opened, with the path that the user gave, which of an archive is not where its files are."""
    return replace(opened, source=replace(opened.source, path=str(path)))


def _read(path: Path, series: Sequence[int]) -> Cine:
    from medvos.cine import dicom, nifti, nrrd, video

    name = path.name.lower()
    if path.is_file() and name.endswith((*nifti.SUFFIXES, *nrrd.SUFFIXES, *video.SUFFIXES)):
        if series:
            raise InputError(f"{path.name} has no series, which DICOM alone has: leave out --series.")
        if name.endswith(nifti.SUFFIXES):
            return nifti.read_nifti(path)
        if name.endswith(nrrd.SUFFIXES):
            return nrrd.read_nrrd(path)
        if name.endswith(video.SUFFIXES):
            return video.read_video(path)
    return dicom.read_dicom(path, series)


def _check_there(path: Path) -> None:
    if not path.exists():
        above = path.absolute().parent
        also = "" if above.exists() else f", and neither does the folder {above.name or above} above it"
        raise InputError(
            f"{path.name or path} does not exist{also}: give a DICOM folder, a 4D NIfTI, a .seq.nrrd or a video."
        )
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"{path.name} is empty: copy it again.")
    if path.is_file() and path.suffix.lower() in STILL_IMAGES:
        raise InputError(f"{path.name} is a still image: give a video, a DICOM folder, a 4D NIfTI or a .seq.nrrd.")
