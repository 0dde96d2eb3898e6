"""Read AVI, MP4 and other videos (echo)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.clip import Clip, FrameArray, whole
from medvos.cine.guard import check_size, reading
from medvos.errors import InputError

SUFFIXES = (".avi", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".gif")
ASSUMED_RATE = 30.0
PLAUSIBLE_RATE = (1.0, 1000.0)
UNEVEN = 1.5  # longest to shortest step; clocks of whole ms make steps of 33 and 34 of an even rate


def read_video(path: Path) -> Cine:
    """Read the video as a cine (T, 1, Y, X) of grey values.

    A video says neither the pixel size nor the heart rate: 1 mm is assumed, and `period` is the video's length.
    """
    return whole(open_video(path))


def open_video(path: Path) -> Clip:
    """Open the video as a clip, rotated upright according to its metadata."""
    try:
        import av
    except ImportError as error:
        raise InputError(f"{path.name} is a video and needs PyAV: pip install 'medvos[video]'.") from error

    with reading(path.name, "a video"), av.open(str(path)) as video:
        if not video.streams.video:
            raise InputError(f"{path.name} has no frames in it: give a video.")
        stream = video.streams.video[0]
        rate, claimed = float(stream.average_rate or 0), int(stream.frames or 0)
        uneven = _uneven_times(video)
    first = next((image for image in _images(path) if image is not None), None)
    if first is None:
        raise InputError(f"{path.name} has no frames that can be decoded: it is damaged or cut short; copy it again.")
    shape = (first.shape[0], first.shape[1])
    check_size(path.name, shape)
    notes = ["A video does not say its pixel size: 1 mm was assumed, so lengths and volumes are not real."]
    if not PLAUSIBLE_RATE[0] <= rate <= PLAUSIBLE_RATE[1]:
        rate = ASSUMED_RATE
        notes.append(f"The video does not say its frame rate: {ASSUMED_RATE:g} frames per second were assumed.")
    step = 1000.0 / rate
    notes.append("A video does not say the heart rate and may show several beats: its length stands for the period.")
    return Clip(
        path.name,
        shape,
        lambda: _images(path, shape),
        lambda frames: uneven[:frames] if frames <= len(uneven) else np.arange(frames, dtype=np.float64) * step,
        np.diag([-1.0, -1.0, 1.0, 1.0]),
        Source(str(path), "video", tuple(notes), spacing_known=False),
        claimed=claimed,
    )


def _uneven_times(video: Any) -> NDArray[np.float64]:
    """Times (T,) in ms of a video with a varying frame rate, as phones record them; none for a constant rate."""
    import av

    stamps = []
    try:
        for packet in video.demux(video.streams.video[0]):
            if packet.size and packet.pts is None:
                return np.empty(0)
            if packet.size and not packet.is_discard:
                stamps.append(float(1000 * packet.pts * packet.time_base))
    except av.error.FFmpegError:  # damaged half way: the mean rate of the readable part is close enough
        return np.empty(0)
    times = np.sort(stamps)
    steps = np.diff(times)
    if not len(steps) or steps.min() <= 0 or steps.max() <= UNEVEN * steps.min():
        return np.empty(0)
    return times - times[0]


def _images(path: Path, shape: tuple[int, int] | None = None) -> Iterator[FrameArray | None]:
    """Frames (Y, X, 3) uint8, None for a damaged one."""
    import av

    with reading(path.name, "a video"), av.open(str(path)) as video:
        for packet in video.demux(video.streams.video[0]):
            try:
                images = packet.decode()
            except av.error.FFmpegError:
                yield None
                continue
            for image in images:
                upright = _upright(image)
                if shape not in (None, upright.shape[:2]):
                    raise InputError(f"{path.name} changes its frame size half way: save it anew in one size.")
                yield upright


def _upright(image: Any) -> FrameArray:
    return np.ascontiguousarray(np.rot90(image.to_ndarray(format="rgb24"), image.rotation // 90))
