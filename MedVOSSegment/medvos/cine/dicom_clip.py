"""Read ultrasound multi-frame DICOM: one clip of one slice, without position in the patient."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.clip import Box, Clip, whole
from medvos.cine.dicom_files import Header
from medvos.cine.dicom_frames import number
from medvos.cine.dicom_pixels import frames_in_turn
from medvos.cine.geometry import LPS_TO_RAS
from medvos.cine.guard import reading

ASSUMED_STEP_MS = 33.0
CENTIMETRES = 3
TISSUE = 1
LEAST_PART = 0.1  # of the image's rows and columns that a region with a heart in it takes
CORNERS = ("MinY0", "MaxY1", "MinX0", "MaxX1")


def read_clip(header: Header, path: str) -> Cine:
    """Return the clip as a cine (T, 1, Y, X) of grey values; `period` is its length, possibly several beats."""
    return whole(open_clip(header, path))


def open_clip(header: Header, path: str) -> Clip:
    """Open the clip, to be read frame by frame."""
    data = header.data
    notes = ["An ultrasound clip may show several beats: its length stands for the period."]
    with reading(header.name, "DICOM"):
        frames, shape = int(data.get("NumberOfFrames") or 1), (int(data.Rows), int(data.Columns))
        region = _tissue_region(data)
        spacing = _pixel_spacing(data, region)
        times = _times(data, frames)
        heart_rate = number(data.get("HeartRate")) or None
        box = _box(region, shape)
        bits = _bits(data)
    spacing_known = spacing is not None
    if spacing is None:
        spacing = (1.0, 1.0)
        notes.append("The clip does not say its pixel size: 1 mm was assumed, so lengths and volumes are not real.")
    if times is None:
        times = np.arange(frames, dtype=np.float64) * ASSUMED_STEP_MS
        notes.append(f"The clip does not say its frame rate: {ASSUMED_STEP_MS:g} ms between frames were assumed.")
    affine = LPS_TO_RAS @ np.diag([spacing[1], spacing[0], 1.0, 1.0])
    return Clip(
        header.name,
        shape,
        lambda: frames_in_turn(header.path, header.name),
        lambda count: times[:count],
        affine,
        Source(path, "dicom", tuple(notes), heart_rate=heart_rate, spacing_known=spacing_known),
        file=str(header.path),
        white=2**bits - 1,
        box=box,
        claimed=frames,
    )


def _bits(data: Any) -> int:
    """Bits of a pixel's value, or of the palette's colours."""
    palette = data.get("RedPaletteColorLookupTableDescriptor")
    if data.get("PhotometricInterpretation") == "PALETTE COLOR" and palette:
        return int(palette[2])
    return int(data.get("BitsStored") or 8)


def _tissue_region(data: Any) -> Any:
    """The first region in cm along both axes, preferably one that shows tissue in two dimensions, else None."""
    measured = [
        region
        for region in data.get("SequenceOfUltrasoundRegions") or []
        if region.get("PhysicalUnitsXDirection") == CENTIMETRES == region.get("PhysicalUnitsYDirection")
        and number(region.get("PhysicalDeltaX"))
        and number(region.get("PhysicalDeltaY"))
    ]
    return next((region for region in measured if region.get("RegionDataType") == TISSUE), next(iter(measured), None))


def _pixel_spacing(data: Any, region: Any) -> tuple[float, float] | None:
    """mm between rows and between columns, from the region, else PixelSpacing."""
    if region is not None:
        return 10 * abs(float(region.PhysicalDeltaY)), 10 * abs(float(region.PhysicalDeltaX))
    spacing = data.get("PixelSpacing")
    return (float(spacing[0]), float(spacing[1])) if spacing else None


def _box(region: Any, shape: tuple[int, int]) -> Box | None:
    """Rows and columns of the region, None where they are missing or impossible."""
    corners = [None if region is None else number(region.get(f"RegionLocation{end}")) for end in CORNERS]
    if None in corners:
        return None
    top, bottom, left, right = (int(corner) for corner in corners if corner is not None)
    inside = 0 <= top < bottom <= shape[0] and 0 <= left < right <= shape[1]
    wide = bottom - top >= LEAST_PART * shape[0] and right - left >= LEAST_PART * shape[1]
    return (slice(top, bottom + 1), slice(left, right + 1)) if inside and wide else None


def _times(data: Any, frames: int) -> NDArray[np.float64] | None:
    """Times of the frames in ms from the first, or None where the file has none."""
    vector = data.get("FrameTimeVector")
    if vector is not None and np.size(vector) == frames:
        # The first element is the time before the first frame, 0 by the standard.
        steps = np.asarray(vector, float)[1:]
        if (steps > 0).all():
            return np.concatenate([[0.0], np.cumsum(steps)])
    step = number(data.get("FrameTime"))
    rate = number(data.get("CineRate")) or number(data.get("RecommendedDisplayFrameRate"))
    if not step and rate:
        step = 1000.0 / rate
    return np.arange(frames, dtype=np.float64) * step if step and step > 0 else None
