"""Find the DICOM files under a path, at any depth and under any name, each object once; headers only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
    "FrameTime",
    "FrameTimeVector",
    "RecommendedDisplayFrameRate",
    "CineRate",
    "ActualFrameDuration",
    "EffectiveDuration",
    "ContentTime",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "SequenceOfUltrasoundRegions",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "Manufacturer",
    "ManufacturerModelName",
    "MagneticFieldStrength",
    "SequenceName",
    "PulseSequenceName",
)
# GE's element (0043,102F), whether a picture is magnitude, phase, real or imaginary part, and its creator.
GE_IMAGE_KIND = 0x0043102F
PRIVATE_TAGS = (0x00430010, GE_IMAGE_KIND)


@dataclass(frozen=True)
class Header:
    """One DICOM image file: its path, its name in messages, and its header without pixels."""

    path: Path
    name: str
    data: Dataset


def find_headers(path: Path) -> list[Header]:
    """Return the headers of every DICOM image at or below `path`, in the order of their names.

    Files that are not DICOM or hold no image are passed over, and so is a second file of the same SOPInstanceUID.
    Raises InputError where a DICOM file is damaged, a folder may not be read, or there is no DICOM image.
    """
    headers: dict[str, Header] = {}
    files = 0
    for file in _files(path):
        files += 1
        if files > MAX_FILES:
            raise InputError(f"{path.name} holds more than {MAX_FILES} files: give the folder of one examination.")
        name = file.relative_to(path).as_posix() if file != path else file.name
        header = _header(file, name)
        if header is not None:
            headers.setdefault(str(header.data.get("SOPInstanceUID") or file), header)
    if not files:
        raise InputError(f"The folder {path.name} is empty: give a folder with the DICOM files of one cine.")
    if not headers:
        what = (
            f"{path.name} is no DICOM image" if path.is_file() else f"The folder {path.name} has no DICOM image in it"
        )
        raise InputError(f"{what}: give a DICOM folder, a 4D NIfTI, a .seq.nrrd or a video.")
    return list(headers.values())


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return

    def refuse(error: OSError) -> None:
        raise InputError(f"A folder in {path.name} may not be read: give yourself permission to read it.") from error

    for folder, folders, names in os.walk(path, onerror=refuse):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_file():
                yield file


def _header(file: Path, name: str) -> Header | None:
    """Read the header of a DICOM image; None where the file is something else."""
    from pydicom import dcmread
    from pydicom.tag import Tag

    with reading(name, "DICOM"), file.open("rb") as stream:
        start = stream.read(132)
        part10 = start[128:] == b"DICM"
        # Old archives hold data sets without the preamble; they begin with an element of group 2 or 8.
        if not part10 and start[:4] not in (
            b"\x08\x00\x05\x00",
            b"\x08\x00\x00\x00",
            b"\x08\x00\x08\x00",
            b"\x08\x00\x16\x00",
        ):
            return None
        size = file.stat().st_size
        stream.seek(0)
        tags = [Tag(tag) for tag in (*TAGS, *PRIVATE_TAGS)]
        data = dcmread(stream, stop_before_pixels=True, force=not part10, specific_tags=tags)
        at_end = stream.tell() >= size
        sop_class = str(data.get("SOPClassUID") or data.file_meta.get("MediaStorageSOPClassUID") or "")
        syntax = data.file_meta.get("TransferSyntaxUID")
        for tag in TAGS:  # decodes every value now, so that a damaged one is this file's fault
            data.get(tag)
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
