"""Read classic, enhanced and ultrasound DICOM images as one flat list of frames with position and time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_files import Header
from medvos.cine.guard import check_size, reading


@dataclass(frozen=True, eq=False)
class Frame:
    """One image of one slice at one phase.

    Attributes
    ----------
    path, name: its file, and how to call that in a message. index: which frame of the file.
    series, series_number, description: the series it belongs to.
    position (3,), orientation (6,): ImagePositionPatient and ImageOrientationPatient (LPS, mm).
    pixel_spacing: mm between rows, between columns. shape: (rows, columns).
    trigger: ms since the R wave. interval: ms from one R wave to the next. Both None where unknown.
    order: temporal position, acquisition number, instance number, frame index; for when `trigger` is missing.
    phase_image: True for velocity maps and other images that do not show magnitude.
    slope, intercept: from stored values to intensities.
    """

    path: Path
    name: str
    index: int
    series: str
    series_number: int
    description: str
    position: NDArray[np.float64]
    orientation: NDArray[np.float64]
    pixel_spacing: tuple[float, float]
    shape: tuple[int, int]
    trigger: float | None
    interval: float | None
    order: tuple[float, float, float, int]
    phase_image: bool
    slope: float
    intercept: float

    @property
    def series_name(self) -> str:
        """The series in messages: its number and description."""
        return f"series {self.series_number}" + (f" '{self.description}'" if self.description else "")


def frames_of(header: Header) -> list[Frame]:
    """Return every frame in the file that has a position in the patient; none for screenshots and ultrasound."""
    data = header.data
    with reading(header.name, "DICOM"):
        count = frame_count(header)
        shared = first_item(data, "SharedFunctionalGroupsSequence")
        per_frame = list(data.get("PerFrameFunctionalGroupsSequence") or [])
        # A classic image may carry one functional group, and an empty one.
        groups = per_frame if count > 1 or any(len(group) for group in per_frame) else []
        if groups and len(groups) != count:
            raise ValueError("functional groups do not match the number of frames")
        if not groups and count > 1:
            return []
        found = (_frame(header, index, (group, shared)) for index, group in enumerate(groups or [None]))
        return [frame for frame in found if frame is not None]


def frame_count(header: Header) -> int:
    """Return the number of frames in the file; InputError where its header claims the impossible."""
    count = int(header.data.get("NumberOfFrames") or 1)
    check_size(header.name, (count, int(header.data.Rows), int(header.data.Columns)))
    return count


def patient_of(data: Any) -> str:
    """Return a hash of the patient's ID, else of the name; '' where the file has neither."""
    identity = str(data.get("PatientID") or "").strip() or str(data.get("PatientName") or "").strip()
    return hashlib.sha256(identity.casefold().encode("utf-8", "replace")).hexdigest() if identity else ""


def first_item(data: Any, sequence: str) -> Any:
    """Return the first item of a sequence of `data`, or None."""
    items = data.get(sequence) if data is not None else None
    return items[0] if items else None


def number(value: Any) -> float | None:
    """Return a finite float, or None."""
    if value is None or value == "":
        return None
    result = float(value)
    return result if np.isfinite(result) else None


def _frame(header: Header, index: int, groups: tuple[Any, Any]) -> Frame | None:
    data = header.data

    def find(sequence: str, keyword: str) -> Any:
        """The value in the frame's own functional group, the shared one, or the top of the file."""
        for group in groups:
            value = getattr(first_item(group, sequence), keyword, None)
            if value is not None:
                return value
        return data.get(keyword)

    position = find("PlanePositionSequence", "ImagePositionPatient")
    orientation = find("PlaneOrientationSequence", "ImageOrientationPatient")
    spacing = find("PixelMeasuresSequence", "PixelSpacing")
    if position is None or orientation is None or spacing is None:
        return None
    axes = _unit_axes(np.array(orientation, float).reshape(6))
    pixel_spacing = (float(spacing[0]), float(spacing[1]))
    if not min(pixel_spacing) > 0:
        raise ValueError("pixel spacing is not positive")
    image_type = [str(part).upper() for part in data.get("ImageType") or []]
    image_type += [str(part).upper() for part in find("MRImageFrameTypeSequence", "FrameType") or []]
    slope = number(find("PixelValueTransformationSequence", "RescaleSlope"))
    temporal = number(find("FrameContentSequence", "TemporalPositionIndex"))
    return Frame(
        path=header.path,
        name=header.name,
        index=index,
        series=str(data.get("SeriesInstanceUID") or ""),
        series_number=int(data.get("SeriesNumber") or 0),
        description=str(data.get("SeriesDescription") or "").strip(),
        position=np.array(position, float).reshape(3),
        orientation=axes,
        pixel_spacing=pixel_spacing,
        shape=(int(data.Rows), int(data.Columns)),
        trigger=_trigger(data, find),
        interval=_interval(data, find),
        order=(
            temporal or number(data.get("TemporalPositionIdentifier")) or 0.0,
            number(find("FrameContentSequence", "FrameAcquisitionNumber"))
            or number(data.get("AcquisitionNumber"))
            or 0.0,
            number(data.get("InstanceNumber")) or 0.0,
            index,
        ),
        phase_image="P" in image_type or "PHASE" in image_type or "VELOCITY" in image_type,
        slope=1.0 if slope is None else slope,
        intercept=number(find("PixelValueTransformationSequence", "RescaleIntercept")) or 0.0,
    )


def _unit_axes(orientation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row and column direction scaled to length one; ValueError where they are not perpendicular."""
    row, column = orientation[:3], orientation[3:]
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if not (0.9 < lengths[0] < 1.1 and 0.9 < lengths[1] < 1.1) or abs(row @ column) > 0.05:
        raise ValueError("image orientation is not a pair of unit vectors at a right angle")
    return np.concatenate([row / lengths[0], column / lengths[1]])


def _trigger(data: Any, find: Any) -> float | None:
    """Delay after the R wave in ms."""
    trigger = number(data.get("TriggerTime"))
    if trigger is None:
        trigger = number(find("CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime"))
    return trigger


def _interval(data: Any, find: Any) -> float | None:
    """Length of the beat in ms, from the RR interval or the heart rate, where it is plausible."""
    interval = number(find("CardiacSynchronizationSequence", "RRIntervalTimeNominal")) or number(
        data.get("NominalInterval")
    )
    rate = number(data.get("HeartRate"))
    if not interval and rate:
        interval = 60_000.0 / rate
    return interval if interval and 50 <= interval <= 4000 else None
