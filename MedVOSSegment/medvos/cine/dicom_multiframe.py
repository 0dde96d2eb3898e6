"""Multi-frame MR without functional groups, one file a slice, and what converters keep of classic images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_values import number

PLACE = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing")
# Where legacy-converted images keep what has no functional group of its own (PS3.3 C.7.6.25): of a frame, of all.
UNASSIGNED = ("UnassignedPerFrameConvertedAttributesSequence", "UnassignedSharedConvertedAttributesSequence")
# FrameIncrementPointer to FrameTime and FrameTimeVector; any other says that the frames are not in time.
_IN_TIME = (0x00181063, 0x00181065)


def is_slice_in_time(data: Any) -> bool:
    """Return whether the frames of a multi-frame file are the phases of one slice of MR, with its place."""
    if str(data.get("Modality") or "") != "MR" or lacking(data) or int(data.get("SamplesPerPixel") or 1) > 1:
        return False
    pointer = data.get("FrameIncrementPointer")
    if not pointer:
        return True
    return all(int(one) in _IN_TIME for one in ([pointer] if isinstance(pointer, int) else pointer))


def lacking(data: Any) -> tuple[str, ...]:
    """Return the keywords of the attributes of its place that the file lacks."""
    return tuple(keyword for keyword in PLACE if not data.get(keyword))


def frame_times(data: Any, count: int) -> NDArray[np.float64] | None:
    """Return the ms since the first frame (count,) by FrameTimeVector or FrameTime, or None without either."""
    vector = data.get("FrameTimeVector")
    if vector is not None and not isinstance(vector, str) and np.size(vector) == count:
        times = np.array(vector, np.float64)
        return times.cumsum() - times[0]
    step = number(data.get("FrameTime"))
    return np.arange(count, dtype=np.float64) * step if step and step > 0 else None
