"""Read a DICOM file or folder as a cine."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from medvos.cine.cine import Cine
from medvos.cine.clip import Clip, whole
from medvos.cine.contents import SeriesRow
from medvos.cine.dicom_clip import open_clip, read_clip
from medvos.cine.dicom_contents import contents_of, rows_of
from medvos.cine.dicom_files import Found, Header, find_images, images_among
from medvos.cine.dicom_frames import Frame, frame_count, frames_of
from medvos.cine.dicom_multiframe import lacking
from medvos.cine.dicom_patients import patients_in
from medvos.cine.dicom_person import person_of
from medvos.cine.dicom_places import check_none_belongs, left_out
from medvos.cine.dicom_stack import build_stack
from medvos.cine.dicom_stills import loop_of
from medvos.cine.dicom_views import choose_stack
from medvos.cine.privacy import identifiers_in, without
from medvos.errors import InputError

Opened = TypeVar("Opened", Cine, Clip)


def read_dicom(path: Path, series: Sequence[int] = ()) -> Cine:
    """Read the cine in a DICOM file or a folder of any nesting; of several views, the short-axis stack.

    `series` are the numbers of the series to read, where not all are meant. `source.notes` says which series were left
    out and what was resampled. Raises InputError where the files are of two patients, hold no cine, or leave open which
    cine is meant. Neither names the patient.
    """
    return _without_names(find_images(path), lambda headers: _read(headers, path, series))


def read_dicom_files(files: Sequence[Path], series: Sequence[int] = ()) -> Cine:
    """Read the cine in these files, wherever each of them lies; otherwise as `read_dicom`.

    `source.path` is the folder of the first file, and `source.given` names all of them.
    """
    folder = files[0].parent
    found = images_among(files)
    if not found.headers:
        raise InputError(f"None of the {len(files)} files in {folder.name} is a DICOM image: give those of one cine.")
    cine = _without_names(found, lambda headers: _read(headers, folder, series))
    source = dataclasses.replace(cine.source, given=tuple(map(str, files)))
    return dataclasses.replace(cine, source=source)


def contents(path: Path) -> tuple[SeriesRow, ...]:
    """Return what a DICOM file or folder holds, without reading a cine: for when none can be read.

    Raises InputError where it holds no DICOM image.
    """
    headers = find_images(path).headers
    patient = identifiers_in(header.data for header in headers)
    found = contents_of(headers)
    return _rows_without(patient, rows_of(found.groups, found.placeless, ()))


def open_dicom_clip(path: Path) -> Clip:
    """Open the ultrasound clip in a DICOM file or folder, to be read frame by frame; otherwise as `read_dicom`."""
    return _without_names(find_images(path), lambda headers: _open_clip(headers, path))


def _without_names(found: Found, open_as: Callable[[Sequence[Header]], Opened]) -> Opened:
    """Open files, and remove from notes and error messages everything that identifies the patient."""
    patient = identifiers_in(header.data for header in found.headers)
    opened: Opened
    try:
        opened = open_as(found.headers)
    except InputError as error:
        raise InputError(without(patient, str(error))) from error
    notes = tuple(without(patient, note) for note in opened.source.notes)
    notes += tuple(without(patient, note) for note in found.notes)
    description = {key: without(patient, text) for key, text in opened.source.description.items()}
    rows = _rows_without(patient, opened.source.contents)
    source = dataclasses.replace(opened.source, notes=notes, description=description, contents=rows)
    return dataclasses.replace(opened, source=source)


def _rows_without(patient: frozenset[str], rows: Sequence[SeriesRow]) -> tuple[SeriesRow, ...]:
    return tuple(
        dataclasses.replace(row, description=without(patient, row.description), why=without(patient, row.why))
        for row in rows
    )


def _open_clip(headers: Sequence[Header], path: Path) -> Clip:
    _check_one_examination(headers, path)
    if (loop := loop_of(headers, str(path))) is not None:
        return _describe(loop, headers)
    clips = [header for header in headers if frame_count(header) > 1 and not frames_of(header)]
    if not clips and any(not frame.lacks for header in headers for frame in frames_of(header)):
        raise InputError(f"{path.name} holds a cine of MRI and no ultrasound clip: give a clip, or a model for MRI.")
    return _describe(open_clip(_only_clip(clips, path), str(path)), headers)


def _read(headers: Sequence[Header], path: Path, series: Sequence[int]) -> Cine:
    _check_one_examination(headers, path)
    if (loop := loop_of(headers, str(path))) is not None:
        return _describe(whole(loop), headers)
    found = contents_of(headers, series)
    if not found.groups:
        return _describe(read_clip(_only_clip(found.clips, path, found.placeless), str(path)), headers)
    choice = choose_stack(found.groups, bool(series))
    check_none_belongs(found.placeless, choice.stack)
    try:
        cine = build_stack(choice.stack, str(path), [*choice.notes, *found.notes])
    except InputError as error:
        # Another stack may be the magnitude, or in the order of time.
        if series or not choice.instead:
            raise
        cine = _read(headers, path, choice.instead)
        left = ", ".join(map(str, choice.numbers[0]))
        note = f"Left out series {left}, which cannot be read: {error}"
        return dataclasses.replace(cine, source=dataclasses.replace(cine.source, notes=(note, *cine.source.notes)))
    used = {frame.path for slice_ in choice.stack for frame in slice_.frames}
    sources = [header for header in headers if header.path in used]
    cine = _describe(cine, sources)
    source = dataclasses.replace(
        cine.source,
        notes=(*cine.source.notes, *left_out(found.placeless, () if series else found.clips, sources)),
        description={**cine.source.description, "series": _series_text([slice_.first for slice_ in choice.stack])},
        contents=rows_of(choice.groups, found.placeless, choice.stack),
        stacks=choice.numbers,
        series=tuple(series),
    )
    return dataclasses.replace(cine, source=source)


def _series_text(firsts: Sequence[Frame]) -> str:
    """The series used, those of one description together."""
    numbers: dict[str, set[int]] = {}
    for frame in firsts:
        numbers.setdefault(frame.description, set()).add(frame.series_number)
    return "; ".join(
        ", ".join(map(str, sorted(found))) + (f" '{name}'" if name else "") for name, found in numbers.items()
    )


def _check_one_examination(headers: Sequence[Header], path: Path) -> None:
    if (patients := patients_in(header.data for header in headers)) > 1:
        raise InputError(f"{path.name} holds images of {patients} patients: give the folder of one.")
    # Both must differ: some anonymisers invent study numbers.
    studies = {str(header.data.get("StudyInstanceUID") or "") for header in headers}
    days = {str(header.data.get("StudyDate") or "") for header in headers}
    if len(studies) > 1 and len(days) > 1:
        raise InputError(f"{path.name} holds {len(days)} examinations of one patient: give the folder of one.")


def _only_clip(clips: Sequence[Header], path: Path, placeless: Sequence[Frame] = ()) -> Header:
    if not clips:
        lacks = sorted({keyword for frame in placeless for keyword in frame.lacks})
        missing = f" ({', '.join(lacks)} is missing)" if lacks else ""
        raise InputError(
            f"{path.name} has no image with a place in the patient{missing} and no clip: give the cine series."
        )
    if len(clips) > 1:
        names = ", ".join(header.name for header in clips[:5])
        if all(str(header.data.get("Modality")) == "MR" for header in clips):
            lacks = sorted({keyword for header in clips for keyword in lacking(header.data)})
            raise InputError(
                f"{path.name} holds {len(clips)} multi-frame files of MRI ({names}) and "
                f"{', '.join(lacks) or 'the order of their frames in time'} is missing: export them anew with it."
            )
        raise InputError(f"{path.name} holds {len(clips)} clips ({names}): give the one file.")
    return clips[0]


def _describe(opened: Opened, headers: Sequence[Header]) -> Opened:
    """Add scanner and body data from the first file that was used."""
    data = headers[0].data
    maker = " ".join(str(data.get(tag) or "").strip() for tag in ("Manufacturer", "ManufacturerModelName")).strip()
    field = data.get("MagneticFieldStrength")
    description = {
        "modality": str(data.get("Modality") or ""),
        "scanner": maker + (f", {float(field):g} T" if field else ""),
        "sequence": str(data.get("SequenceName") or ""),
    }
    description = {key: value for key, value in description.items() if value}
    source = dataclasses.replace(opened.source, description=description, **person_of(data))
    return dataclasses.replace(opened, source=source)
