"""Ultrasound multi-frame DICOM: one clip, one slice, no place in the patient."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.dicom_files import Header
from medvos.cine.dicom_frames import number
from medvos.cine.dicom_pixels import decode
from medvos.cine.geometry import LPS_TO_RAS
from medvos.cine.guard import reading

ASSUMED_STEP_MS = 33.0
CENTIMETRES = 3


def read_clip(header: Header, path: str) -> Cine:
    """The clip as a cine (T, 1, Y, X) of grey values; `period` is the clip's length, which may be several beats."""
    data = header.data
    pixels = decode(header.path, header.name).astype(np.float32)
    notes = ["An ultrasound clip may show several beats: its length stands for the period."]
    with reading(header.name, "DICOM"):
        spacing = _pixel_spacing(data)
        times = _times(data, len(pixels))
        heart_rate = number(data.get("HeartRate")) or None
    spacing_known = spacing is not None
    if spacing is None:
        spacing = (1.0, 1.0)
        notes.append("The clip does not say its pixel size: 1 mm was assumed, so lengths and volumes are not real.")
    if times is None:
        times = np.arange(len(pixels), dtype=np.float64) * ASSUMED_STEP_MS
        notes.append(f"The clip does not say its frame rate: {ASSUMED_STEP_MS:g} ms between pictures were assumed.")
    period = float(times[-1] + np.median(np.diff(times))) if len(times) > 1 else ASSUMED_STEP_MS
    affine = LPS_TO_RAS @ np.diag([spacing[1], spacing[0], 1.0, 1.0])
    files = tuple((str(header.path),) for _ in pixels)
    source = Source(path, "dicom", tuple(notes), files, heart_rate, spacing_known=spacing_known)
    return Cine(pixels[:, None], affine, times, period, source)


def _pixel_spacing(data: Any) -> tuple[float, float] | None:
    """mm between rows and between columns, from the first region measured in cm, else PixelSpacing."""
    for region in data.get("SequenceOfUltrasoundRegions") or []:
        if region.get("PhysicalUnitsXDirection") == CENTIMETRES == region.get("PhysicalUnitsYDirection"):
            across, down = abs(number(region.PhysicalDeltaX) or 0), abs(number(region.PhysicalDeltaY) or 0)
            if across > 0 and down > 0:
                return 10 * down, 10 * across
    spacing = data.get("PixelSpacing")
    return (float(spacing[0]), float(spacing[1])) if spacing else None


def _times(data: Any, frames: int) -> NDArray[np.float64] | None:
    """ms of each frame from the first, or None where the file does not say."""
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
