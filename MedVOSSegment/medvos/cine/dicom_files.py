"""Find the DICOM files under a path, at any depth and under any name, each image once; headers only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from medvos.cine.clutter import is_clutter
from medvos.cine.dicom_copies import copies_among, sharing
from medvos.cine.dicom_directory import is_directory_file, listed_in
from medvos.cine.dicom_start import LENGTH, has_preamble, is_dicom
from medvos.cine.dicom_unread import check_unread, no_image
from medvos.cine.dicom_values import decode_values
from medvos.cine.guard import reading
from medvos.errors import InputError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

MAX_FILES = 100_000
DEFLATED = "1.2.840.10008.1.2.1.99"
TAGS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "StudyInstanceUID",
    "StudyDate",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "SeriesNumber",
    "SeriesDescription",
    "ProtocolName",
    "Modality",
    "ImageType",
    "ComplexImageComponent",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "PhotometricInterpretation",
    "PresentationLUTShape",
    "SamplesPerPixel",
    "BitsStored",
    "RedPaletteColorLookupTableDescriptor",
    "PixelSpacing",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "SliceLocation",
    "SliceThickness",
    "TriggerTime",
    "NominalCardiacTriggerDelayTime",
    "NominalInterval",
    "HeartRate",
    "TemporalPositionIdentifier",
    "AcquisitionNumber",
    "InstanceNumber",
    "ContentTime",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "EchoNumbers",
    "EchoTime",
    "InversionTime",
    "FlipAngle",
    "ScanningSequence",
    "SequenceVariant",
    "RescaleSlope",
    "RescaleIntercept",
    "ModalityLUTSequence",
    "FrameTime",
    "FrameTimeVector",
    "FrameIncrementPointer",
    "RecommendedDisplayFrameRate",
    "CineRate",
    "ActualFrameDuration",
    "EffectiveDuration",
    "SequenceOfUltrasoundRegions",
    "DimensionIndexSequence",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "Manufacturer",
    "ManufacturerModelName",
    "MagneticFieldStrength",
    "SequenceName",
    "PulseSequenceName",
)
# GE's element (0043,102F), whether an image is magnitude, phase, real or imaginary part, and its creator.
GE_IMAGE_KIND = 0x0043102F
PRIVATE_TAGS = (0x00430010, GE_IMAGE_KIND)


@dataclass(frozen=True)
class Header:
    """One DICOM image file: its path, its name in messages, and its header without pixels."""

    path: Path
    name: str
    data: Dataset


@dataclass(frozen=True)
class Found:
    """The DICOM images at a path, in the order of their names; notes on files that were passed over or are missing."""

    headers: list[Header]
    notes: tuple[str, ...]


def find_headers(path: Path) -> list[Header]:
    """Return the headers of every DICOM image at or below `path`; see `find_images`."""
    return find_images(path).headers


def find_images(path: Path) -> Found:
    """Return the headers of every DICOM image at or below `path`, or that the DICOMDIR at `path` lists.

    Files that are not DICOM or hold no image are passed over, and so are copies: files that say the same as one before
    them and hold the same pixels. Different images with one SOPInstanceUID are all kept.
    Raises InputError where a DICOM file is damaged, a file that is named like the images is empty or no DICOM, a folder
    may not be read, or there is no DICOM image.
    """
    files, missing = _files(path)
    if not files:
        raise InputError(f"The folder {path.name} is empty: give a folder with the DICOM files of one cine.")
    found = images_among(files, path.parent if path.is_file() else path)
    if not found.headers:
        raise InputError(no_image(path, files))
    if not missing:
        return found
    are = "file that is" if missing == 1 else "files that are"
    note = f"DICOMDIR lists {missing} {are} not there: the cine may be incomplete."
    return Found(found.headers, (*found.notes, note))


def images_among(files: Sequence[Path], folder: Path | None = None) -> Found:
    """Return the headers of the DICOM images among `files`, each image once; messages name them below `folder`.

    Raises InputError where a DICOM file is damaged, or a file that is named like the images is empty or no DICOM.
    """
    headers = []
    unread = []
    for file in files:
        name = file.name if folder is None else file.relative_to(folder).as_posix()
        if not _is_dicom(file, name):
            unread.append(file)
        elif (header := _header(file, name)) is not None:
            headers.append(header)
    if not headers:
        return Found([], ())
    notes = check_unread([header.path for header in headers], unread)
    with reading(headers[0].name if folder is None else folder.name, "DICOM"):
        copies = copies_among(headers, TAGS)
    kept = [header for header in headers if header.path not in copies]
    if copies:
        are = "is a copy of another and was" if len(copies) == 1 else "are copies of others and were"
        notes.append(f"{len(copies)} of {len(headers)} files {are} passed over.")
    if shared := sharing(kept):
        notes.append(f"{shared} different images share a SOPInstanceUID with another: all of them were kept.")
    return Found(kept, tuple(notes))


def _files(path: Path) -> tuple[list[Path], int]:
    """The files to look at, and how many a DICOMDIR lists that are not there."""
    if path.is_file():
        return listed_in(path) if is_directory_file(path) else ([path], 0)
    files = []
    for file in _walk(path):
        files.append(file)
        if len(files) > MAX_FILES:
            raise InputError(f"{path.name} holds more than {MAX_FILES} files: give the folder of one examination.")
    directory = next((file for file in files if is_directory_file(file) and file.parent == path), None)
    if directory is None:
        return files, 0
    # A disc whose list cannot be read may still hold images.
    images = [file for file in files if file != directory]
    try:
        return images, listed_in(directory)[1]
    except InputError:
        if images:
            return images, 0
        raise


def _walk(path: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise InputError(f"A folder in {path.name} may not be read: give yourself permission to read it.") from error

    for folder, folders, names in os.walk(path, onerror=refuse):
        folders[:] = sorted(name for name in folders if not is_clutter(name))
        for name in sorted(names):
            file = Path(folder, name)
            if not is_clutter(name) and file.is_file():
                yield file


def _is_dicom(file: Path, name: str) -> bool:
    with reading(name, "DICOM"), file.open("rb") as stream:
        return is_dicom(stream.read(LENGTH))


def _header(file: Path, name: str) -> Header | None:
    """Read the header of a DICOM image; None where the object holds no image."""
    from pydicom import dcmread
    from pydicom.tag import Tag

    with reading(name, "DICOM"), file.open("rb") as stream:
        part10 = has_preamble(stream.read(LENGTH))
        size = file.stat().st_size
        stream.seek(0)
        tags = [Tag(tag) for tag in (*TAGS, *PRIVATE_TAGS)]
        data = dcmread(stream, stop_before_pixels=True, force=not part10, specific_tags=tags)
        at_end = stream.tell() >= size
        sop_class = str(data.get("SOPClassUID") or data.file_meta.get("MediaStorageSOPClassUID") or "")
        syntax = data.file_meta.get("TransferSyntaxUID")
        decode_values(data, TAGS, name)  # now, so that a damaged one is this file's fault
        # A segmentation has the geometry of its images, but is none.
        has_image = "Rows" in data and "Columns" in data and data.get("Modality") != "SEG"
    if at_end and syntax != DEFLATED:
        if _is_image(sop_class) or not sop_class:
            raise InputError(f"{name} is cut short: it is a DICOM image without its pixels; copy it again.")
        return None
    return Header(file, name, data) if has_image else None


def _is_image(sop_class: str) -> bool:
    """Return whether the storage class is one of MR, CT, ultrasound, secondary capture or their multi-frame kinds."""
    return sop_class.removeprefix("1.2.840.10008.5.1.4.1.1.") in ("2", "3.1", "4", "4.1", "4.4", "6.1")
