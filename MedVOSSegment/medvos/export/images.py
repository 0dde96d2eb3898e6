"""DICOM images of a cine: patient and study, and the image of each slice and phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.dicom_files import Header, find_headers
from medvos.cine.dicom_frames import Frame, frame_count, frames_of
from medvos.cine.geometry import LPS_TO_RAS
from medvos.cine.inplane import offset_pixels
from medvos.errors import InputError
from medvos.export.study import study_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

IDENTITY = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID")
SAME_PLACE_PIXELS = 0.1


@dataclass(frozen=True, eq=False)
class Image:
    """One source image: its identifiers, its frame number from 1 (None in a single-frame file), its position."""

    sop_class: str
    sop_instance: str
    series: str
    number: int | None
    frame: Frame

    def shows(self, position: NDArray[np.float64], spacing: tuple[float, float]) -> bool:
        """Return whether its pixels are those of a slice whose first voxel is at ``position`` (3,) in LPS mm."""
        same_size = np.allclose(self.frame.pixel_spacing, spacing, rtol=1e-4)
        return same_size and bool(np.abs(offset_pixels(position, self.frame)).max() < SAME_PLACE_PIXELS)


@dataclass(frozen=True, eq=False)
class SourceImages:
    """All images of a cine.

    Attributes
    ----------
    study: patient, study and frame of reference, as a new object of the same study states them.
    at: ``at[t][z]`` is the image of phase t and slice z; None where the slice was interpolated.
    """

    study: Dataset
    at: tuple[tuple[Image | None, ...], ...]

    @property
    def identity(self) -> str:
        """The identifiers of all images, from which a UID is derived."""
        return " ".join(
            f"{image.sop_instance}/{image.number}" if image else "-" for phase in self.at for image in phase
        )


def source_images(cine: Cine) -> SourceImages:
    """Return the images of a ``cine`` that was read from DICOM files.

    Raises
    ------
    InputError: they are ultrasound, a file is missing, or the files are not of one study and frame of reference.
    """
    if not cine.source.frames:
        raise InputError(
            "Ultrasound images have no position in the patient, which DICOM exports need: choose another "
            "format, such as --to nifti."
        )
    headers: dict[str, Header] = {}
    frames: dict[str, dict[int, Frame]] = {}
    for file in dict.fromkeys(file for phase in cine.source.files for file in phase if file):
        if not Path(file).is_file():
            raise InputError(f"{Path(file).name} is missing from the DICOM folder: put it back and export again.")
        headers[file] = find_headers(Path(file))[0]
        frames[file] = {frame.index: frame for frame in frames_of(headers[file])}
    _check_ties([header.data for header in headers.values()])

    def image(file: str, index: int) -> Image | None:
        if not file:
            return None
        data = headers[file].data
        several = frame_count(headers[file]) > 1
        sop_class, instance, series = (str(data[keyword].value) for keyword in IDENTITY)
        return Image(sop_class, instance, series, index + 1 if several else None, frames[file][index])

    at = tuple(
        tuple(image(file, index) for file, index in zip(files, indices, strict=True))
        for files, indices in zip(cine.source.files, cine.source.frames, strict=True)
    )
    return SourceImages(study_of(Path(next(iter(headers)))), at)


def _check_ties(data: Sequence[Dataset]) -> None:
    """Raise InputError for images without identifiers of their own, of several studies or frames of reference.

    A series has one frame of reference (PS3.3, C.7.4.1): if each of its images has another, an anonymisation program
    invented them, and that of the first image is used for all.
    """
    uids = {str(header.get("SOPInstanceUID") or "") for header in data}
    if len(uids) < len(data) or "" in uids:
        raise InputError(
            "The DICOM files have no SOPInstanceUID of their own each, so nothing can be tied to them: get them from "
            "the archive anew, as the scanner wrote them."
        )
    firsts = {str(header.get("SeriesInstanceUID")): header for header in reversed(data)}
    for keyword, tied in (("StudyInstanceUID", data), ("FrameOfReferenceUID", firsts.values())):
        values = {str(header.get(keyword) or "") for header in tied}
        if len(values) > 1 or "" in values:
            raise InputError(
                f"The DICOM files have {'several' if len(values - {''}) > 1 else 'no'} {keyword}, "
                "so nothing can be tied to them: get them from the archive anew, as the scanner wrote them."
            )


def positions(cine: Cine) -> NDArray[np.float64]:
    """(Z, 3) where the first voxel of each slice lies, LPS in mm."""
    lps = LPS_TO_RAS @ cine.affine
    return lps[:3, 3] + np.arange(cine.shape[1])[:, None] * lps[:3, 2]
