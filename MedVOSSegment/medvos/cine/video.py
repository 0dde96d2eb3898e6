"""Read AVI, MP4 and other videos (echo)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.clip import Clip, FrameArray, whole
from medvos.cine.guard import check_size, reading
from medvos.errors import InputError
from medvos.packages import needs

MATRIX = struct.Struct("=9i")  # of FFmpeg: the first two rows are a, b, u and c, d, v in 16.16 fixed point
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
    """Open the video as a clip, turned and mirrored as its metadata say."""
    try:
        import av
    except ImportError as error:
        raise InputError(needs(f"{path.name} is a video and", "av")) from error

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
    """Return the frame (Y, X, 3) as it is to be shown: turned and mirrored by its display matrix."""
    pixels = image.to_ndarray(format="rgb24")
    (right_x, right_y), (down_x, down_y) = _display_axes(image)
    if right_x == 0:  # its rows are shown as columns
        pixels = pixels.swapaxes(0, 1)
        right_x, down_y = down_x, right_y
    return np.ascontiguousarray(pixels[:: -1 if down_y < 0 else 1, :: -1 if right_x < 0 else 1])


def _display_axes(image: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where the stored right and down point when shown, as (x, y) of -1, 0 or 1; of a matrix at an angle the nearest.

    PyAV's angle of rotation takes a mirrored frame for a turned one.
    """
    matrix = next((bytes(data) for data in image.side_data if data.type.name == "DISPLAYMATRIX"), b"")
    if len(matrix) != MATRIX.size:
        return (1, 0), (0, 1)
    a, b, _, c, d, *_ = MATRIX.unpack(matrix)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return (-1 if a < 0 else 1, 0), (0, -1 if d < 0 else 1)
    return (0, -1 if b < 0 else 1), (-1 if c < 0 else 1, 0)
