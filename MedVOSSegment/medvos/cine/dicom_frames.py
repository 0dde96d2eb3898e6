"""Read classic, enhanced and ultrasound DICOM images as one flat list of frames with position and time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_files import GE_IMAGE_KIND, Header
from medvos.cine.dicom_kinds import MAGNITUDE, is_inverted, kind_of
from medvos.cine.dicom_multiframe import UNASSIGNED, frame_times, is_slice_in_time
from medvos.cine.dicom_protocol import Protocol
from medvos.cine.dicom_values import number
from medvos.cine.guard import check_size, reading

# TemporalPositionIndex, NominalCardiacTriggerDelayTime and CardiacCyclePosition as dimensions of a file.
_OF_TIME = (0x00209128, 0x00209153, 0x00189236)
# Secondary capture: what a screen showed.
SCREEN = "1.2.840.10008.5.1.4.1.1.7"


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
    slope, intercept: from stored values to intensities.
    kind: what it shows, as of `medvos.cine.dicom_kinds`. protocol: how it was acquired. echo: its EchoNumbers.
    content_time, acquisition_time: seconds of the day at which it was made and acquired, or None.
    white: the intensity that a stored value of the largest, black one stands for; None where values are not inverted.
    location: SliceLocation in mm, or None.
    lacks: the keywords of the attributes of its place that are missing. modality: such as MR.
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
    slope: float
    intercept: float
    kind: str = MAGNITUDE
    protocol: Protocol = field(default_factory=Protocol)
    echo: float = 0.0
    content_time: float | None = None
    acquisition_time: float | None = None
    white: float | None = None
    location: float | None = None
    lacks: tuple[str, ...] = ()
    modality: str = ""

    @property
    def series_name(self) -> str:
        """The series in messages: its number and description."""
        return f"series {self.series_number}" + (f" '{self.description}'" if self.description else "")


def frames_of(header: Header) -> list[Frame]:
    """Return every image in the file; none for a clip: a multi-frame file without the place of an MR image.

    An image whose position, orientation or pixel spacing is not told has NaN there and their names in `lacks`.
    """
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
            return _slice_in_time(header, count)
        return [_frame(header, index, (group, shared)) for index, group in enumerate(groups or [None])]


def _slice_in_time(header: Header, count: int) -> list[Frame]:
    if not is_slice_in_time(header.data):
        return []
    times = frame_times(header.data, count)
    frames = [_frame(header, index, (None, None)) for index in range(count)]
    # The file has one trigger time, that of its first image.
    return [replace(frame, trigger=None if times is None else float(times[frame.index])) for frame in frames]


def frame_count(header: Header) -> int:
    """Return the number of frames in the file; InputError where its header claims the impossible."""
    count = int(header.data.get("NumberOfFrames") or 1)
    check_size(header.name, (count, int(header.data.Rows), int(header.data.Columns)))
    return count


def first_item(data: Any, sequence: str) -> Any:
    """Return the first item of a sequence of `data`, or None."""
    items = data.get(sequence) if data is not None else None
    return items[0] if items else None


def _frame(header: Header, index: int, groups: tuple[Any, Any]) -> Frame:
    data = header.data

    def find(sequence: str, keyword: str) -> Any:
        """The value in the frame's own functional group, the shared one, or the top of the file."""
        for group in groups:
            value = getattr(first_item(group, sequence), keyword, None)
            if value is not None:
                return value
        return own(keyword)

    def own(keyword: str) -> Any:
        """The value of a classic image, which converters keep for each frame or for all."""
        for group, sequence in zip(groups, UNASSIGNED, strict=True):
            value = getattr(first_item(group, sequence), keyword, None)
            if value is not None:
                return value
        return data.get(keyword)

    place = {
        "ImagePositionPatient": find("PlanePositionSequence", "ImagePositionPatient"),
        "ImageOrientationPatient": find("PlaneOrientationSequence", "ImageOrientationPatient"),
        "PixelSpacing": find("PixelMeasuresSequence", "PixelSpacing"),
    }
    position, orientation, spacing = place.values()
    pixel_spacing = (float(spacing[0]), float(spacing[1])) if spacing else (np.nan, np.nan)
    if not min(pixel_spacing) > 0 and spacing:
        raise ValueError("pixel spacing is not positive")
    has_table = bool(data.get("ModalityLUTSequence"))  # it takes the place of slope and intercept
    slope = None if has_table else number(find("PixelValueTransformationSequence", "RescaleSlope"))
    intercept = 0.0 if has_table else number(find("PixelValueTransformationSequence", "RescaleIntercept")) or 0.0
    temporal = number(find("FrameContentSequence", "TemporalPositionIndex")) or _phase_index(data, groups[0])
    return Frame(
        path=header.path,
        name=header.name,
        index=index,
        series=_series(data),
        series_number=int(data.get("SeriesNumber") or 0),
        description=str(data.get("SeriesDescription") or "").strip(),
        position=np.array(position, float).reshape(3) if position else np.full(3, np.nan),
        orientation=_unit_axes(np.array(orientation, float).reshape(6)) if orientation else np.full(6, np.nan),
        pixel_spacing=pixel_spacing,
        shape=(int(data.Rows), int(data.Columns)),
        trigger=_trigger(own, find),
        interval=_interval(own, find),
        order=(
            temporal or number(own("TemporalPositionIdentifier")) or 0.0,
            number(find("FrameContentSequence", "FrameAcquisitionNumber")) or number(own("AcquisitionNumber")) or 0.0,
            number(own("InstanceNumber")) or 0.0,
            index,
        ),
        slope=1.0 if slope is None else slope,
        intercept=intercept,
        kind=_kind(data, find),
        protocol=_protocol(data, find),
        echo=number(_first(own("EchoNumbers"))) or 0.0,
        content_time=seconds_of_day(find("FrameContentSequence", "FrameReferenceDateTime") or own("ContentTime")),
        acquisition_time=seconds_of_day(
            find("FrameContentSequence", "FrameAcquisitionDateTime")
            or own("AcquisitionTime")
            or own("AcquisitionDateTime")
        ),
        white=_white(data, 1.0 if slope is None else slope, intercept) if is_inverted(data) else None,
        location=number(own("SliceLocation")),
        lacks=tuple(keyword for keyword, value in place.items() if not value),
        modality=str(data.get("Modality") or ""),
    )


def seconds_of_day(value: Any) -> float | None:
    """Return the time in a DICOM TM or DT value, as seconds from midnight; None where it has none.

    >>> seconds_of_day("20200102083000.5")
    30600.5
    """
    text = str(value or "").strip().replace(":", "")
    whole, _, fraction = re.split(r"[+-]", text)[0].partition(".")
    # A DT value has the date before the time.
    whole = whole[8:] if len(whole) > 6 else whole
    if not whole.isdigit() or (fraction and not fraction.isdigit()):
        return None
    whole = whole.ljust(6, "0")
    return int(whole[:2]) * 3600 + int(whole[2:4]) * 60 + int(whole[4:6]) + float(f"0.{fraction or 0}")


def _phase_index(data: Any, group: Any) -> float | None:
    """The frame's number along the dimension that is time, where an enhanced file has one (PS3.3 C.7.6.17)."""
    values = getattr(first_item(group, "FrameContentSequence"), "DimensionIndexValues", None)
    if values is None:
        return None
    numbers = [values] if isinstance(values, int) else list(values)
    for item, value in zip(data.get("DimensionIndexSequence") or [], numbers, strict=False):
        if int(item.get("DimensionIndexPointer") or 0) in _OF_TIME:
            return float(value)
    return None


def _white(data: Any, slope: float, intercept: float) -> float:
    """Of an inverted image, what its intensities are to be subtracted from."""
    largest = -1 if int(data.get("PixelRepresentation") or 0) else 2 ** int(data.get("BitsStored") or 16) - 1
    return slope * largest + 2 * intercept


def _series(data: Any) -> str:
    """What tells one series from another: some anonymisers leave out its UID, or give all series one."""
    parts = (data.get("SeriesInstanceUID"), data.get("SeriesNumber"), data.get("SeriesDescription"))
    return "/".join(str(part or "").strip() for part in parts)


def _kind(data: Any, find: Any) -> str:
    image_type = find("MRImageFrameTypeSequence", "FrameType") or data.get("ImageType") or []
    component = str(find("MRImageFrameTypeSequence", "ComplexImageComponent") or "")
    private = data.get(GE_IMAGE_KIND)
    ge_type = number(_first(private.value)) if private is not None and _is_ge(data) else None
    sequence = str(data.get("SequenceName") or data.get("PulseSequenceName") or "")
    parts = [str(part) for part in ([image_type] if isinstance(image_type, str) else image_type)]
    description = str(data.get("SeriesDescription") or "").strip()
    return kind_of(parts, component, None if ge_type is None else int(ge_type), sequence, description)


def _is_ge(data: Any) -> bool:
    return "GE" in str(data.get("Manufacturer") or "").upper()


def _protocol(data: Any, find: Any) -> Protocol:
    scanning = [str(_first(data.get(keyword)) or "") for keyword in ("ScanningSequence", "SequenceVariant")]
    return Protocol(
        description=str(data.get("SeriesDescription") or "").strip(),
        name=str(data.get("ProtocolName") or "").strip(),
        sequence=str(data.get("SequenceName") or data.get("PulseSequenceName") or "").strip(),
        scanning=" ".join(scanning).strip(),
        echo_time=number(_first(find("MREchoSequence", "EffectiveEchoTime") or data.get("EchoTime"))),
        inversion_time=number(_first(find("MRModifierSequence", "InversionTimes") or data.get("InversionTime"))),
        flip_angle=number(_first(find("MRTimingAndRelatedParametersSequence", "FlipAngle"))),
        thickness=number(find("PixelMeasuresSequence", "SliceThickness")),
        derived=_is_derived(data, find),
    )


def _is_derived(data: Any, find: Any) -> bool:
    image_type = find("MRImageFrameTypeSequence", "FrameType") or data.get("ImageType") or []
    parts = [str(part).strip().upper() for part in image_type] if not isinstance(image_type, str) else [image_type]
    return parts[:1] == ["DERIVED"] or parts[1:2] == ["SECONDARY"] or str(data.get("SOPClassUID")) == SCREEN


def _first(value: Any) -> Any:
    """The first of several values."""
    if value is None or isinstance(value, str | int | float):
        return value
    values = list(value) if hasattr(value, "__iter__") else [value]
    return values[0] if values else None


def _unit_axes(orientation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row and column direction scaled to length one; ValueError where they are not perpendicular."""
    row, column = orientation[:3], orientation[3:]
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if not (0.9 < lengths[0] < 1.1 and 0.9 < lengths[1] < 1.1) or abs(row @ column) > 0.05:
        raise ValueError("image orientation is not a pair of unit vectors at a right angle")
    return np.concatenate([row / lengths[0], column / lengths[1]])


def _trigger(own: Any, find: Any) -> float | None:
    """Delay after the R wave in ms."""
    trigger = number(own("TriggerTime"))
    if trigger is None:
        trigger = number(find("CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime"))
    return trigger


def _interval(own: Any, find: Any) -> float | None:
    """Length of the beat in ms, from the RR interval or the heart rate, where it is plausible."""
    interval = number(find("CardiacSynchronizationSequence", "RRIntervalTimeNominal")) or number(own("NominalInterval"))
    rate = number(own("HeartRate"))
    if not interval and rate:
        interval = 60_000.0 / rate
    return interval if interval and 50 <= interval <= 4000 else None
