"""An examination in memory, that mutations change before it is written and read."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid


@dataclass(eq=False)
class Image:
    """One DICOM object, the phase and slice that it shows (None of what is not of the cine), and its file's name."""

    data: Dataset
    phase: int | None = None
    slice: int | None = None
    name: str = ""


@dataclass(eq=False)
class Study:
    """The objects of one examination, how they are encoded, and what is drawn on them.

    Attributes
    ----------
    name: of the untouched examination.
    images: in the order slice by slice, phase by phase.
    syntax: transfer syntax to write; None for that of each image.
    drawing: (Y, X) uint8 labels of the slice ``drawn`` = (phase, slice), None of clips.
    rate: the true heart rate where it is known from elsewhere than the header.
    labels: (T, Z, Y, X) of every image where they are known; else those of the network are taken.
    """

    name: str
    images: list[Image]
    syntax: str | None = None
    drawing: NDArray[np.uint8] | None = None
    drawn: tuple[int, int] = (0, 0)
    rate: float | None = None
    labels: NDArray[np.uint8] | None = None

    @property
    def cine(self) -> list[Image]:
        """The images of the cine, without those added beside it."""
        return [image for image in self.images if image.phase is not None]

    @property
    def phases(self) -> int:
        """Number of phases."""
        return 1 + max(image.phase or 0 for image in self.cine)

    @property
    def slices(self) -> int:
        """Number of slices."""
        return 1 + max(image.slice or 0 for image in self.cine)

    def copied(self) -> Study:
        """Return a copy whose objects can be changed."""
        return copy.deepcopy(self)

    def each(self, change: Callable[[Dataset, int, int], Any]) -> None:
        """Apply ``change(data, phase, slice)`` to each image of the cine."""
        for image in self.cine:
            change(image.data, image.phase or 0, image.slice or 0)

    def of_slice(self, z: int) -> list[Image]:
        """The images of one slice, in the order of phases."""
        return [image for image in self.cine if image.slice == z]

    def write(self, folder: Path) -> Path:
        """Write every object below ``folder`` and return it."""
        for k, image in enumerate(self.images):
            file = folder / (image.name or f"IM{k:04d}.dcm")
            file.parent.mkdir(parents=True, exist_ok=True)
            encoded(image.data, self.syntax).save_as(file, enforce_file_format=True)
        return folder


def encoded(data: Dataset, syntax: str | None) -> Dataset:
    """Return the object in a transfer syntax."""
    if syntax is None or data.file_meta.TransferSyntaxUID == syntax:
        return data
    from pydicom.uid import UID, ExplicitVRBigEndian

    uid = UID(syntax)
    if data.file_meta.TransferSyntaxUID.is_encapsulated:
        data.decompress(generate_instance_uid=False)
    if uid.is_encapsulated:
        data.compress(uid, generate_instance_uid=False)
    else:
        if uid == ExplicitVRBigEndian and data.BitsAllocated == 16:
            data.PixelData = np.frombuffer(data.PixelData, "<u2").astype(">u2").tobytes()
        data.file_meta.TransferSyntaxUID = uid
    return data


def put(data: Dataset, **values: Any) -> Dataset:
    """Set elements; None takes one away."""
    for keyword, value in values.items():
        if value is None:
            data.pop(keyword, None)
        else:
            setattr(data, keyword, value)
    return data


def item(**values: Any) -> Sequence:
    """Return a sequence of one item."""
    return Sequence([put(Dataset(), **values)])


def uid(*parts: object) -> str:
    """Return the same UID for the same parts."""
    return str(generate_uid(entropy_srcs=["mutation", *map(str, parts)]))


def clock(seconds: float) -> str:
    """Return a time of day as DICOM writes it."""
    seconds %= 86400
    return f"{int(seconds // 3600):02d}{int(seconds // 60 % 60):02d}{seconds % 60:09.6f}"


def pixels(data: Dataset, array: NDArray) -> Dataset:
    """Replace the stored values by ``array`` (rows, columns) or (frames, rows, columns)."""
    shape = array.shape[:-1] if array.shape[-1] == 3 and array.ndim > 2 else array.shape
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.Rows, data.Columns = shape[-2:]
    data.PixelData = np.ascontiguousarray(array).tobytes()
    if array.dtype.itemsize == 1 and len(data.PixelData) % 2:
        data.PixelData += b"\0"
    return data


def renamed(data: Dataset, *parts: object) -> Dataset:
    """Give the object an identity of its own."""
    data.SOPInstanceUID = uid("instance", *parts)
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    return data


def copy_of(data: Dataset, *parts: object) -> Dataset:
    """Return a copy of the object with an identity of its own."""
    return renamed(copy.deepcopy(data), *parts)


def in_series(data: Dataset, number: int, *parts: object) -> Dataset:
    """Put the object into the series of these parts and this number."""
    return put(data, SeriesInstanceUID=uid(*parts), SeriesNumber=number)


def of_class(data: Dataset, sop_class: str) -> Dataset:
    """Make the object one of another class."""
    put(data.file_meta, MediaStorageSOPClassUID=sop_class)
    return put(data, SOPClassUID=sop_class)


def position(data: Dataset) -> NDArray[np.float64]:
    """ImagePositionPatient (3,)."""
    return np.array(data.ImagePositionPatient, float)


def axes(data: Dataset) -> NDArray[np.float64]:
    """Directions (2, 3) of a row and of a column."""
    return np.array(data.ImageOrientationPatient, float).reshape(2, 3)


def normal(data: Dataset) -> NDArray[np.float64]:
    """Slice normal (3,)."""
    return np.cross(*axes(data))


def move(data: Dataset, place: NDArray[np.float64]) -> Dataset:
    """Set ImagePositionPatient."""
    return put(data, ImagePositionPatient=[f"{mm:.5f}" for mm in place])


def others(study: Study, of: str, series: int) -> Iterator[tuple[Image, int, int]]:
    """Yield copies of the cine's images as another series, to be changed and added."""
    for original in study.cine:
        data = copy_of(original.data, of, series, original.phase, original.slice)
        in_series(data, series, "series", of, series)
        name = f"{of.replace(' ', '_')}{series}/IM{original.slice:02d}{original.phase:03d}"
        yield Image(data, None, None, name), original.phase or 0, original.slice or 0
