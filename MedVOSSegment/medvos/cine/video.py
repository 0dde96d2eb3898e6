"""AVI, MP4 and other films (echo)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.clip import Clip, Picture, whole
from medvos.cine.guard import check_size, reading
from medvos.errors import InputError

SUFFIXES = (".avi", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".gif")
ASSUMED_RATE = 30.0
PLAUSIBLE_RATE = (1.0, 1000.0)
UNEVEN = 1.5  # longest to shortest step; clocks of whole ms make steps of 33 and 34 of an even rate


def read_video(path: Path) -> Cine:
    """The film as a cine (T, 1, Y, X) of grey values.

    A film says neither the pixel size nor the heart rate: 1 mm is assumed, and `period` is the film's length.
    """
    return whole(open_film(path))


def open_film(path: Path) -> Clip:
    """The film as a clip, turned upright where a phone says how it was held."""
    try:
        import av
    except ImportError as error:
        raise InputError(f"{path.name} is a film and needs PyAV: pip install 'medvos[video]'.") from error

    with reading(path.name, "a film"), av.open(str(path)) as film:
        if not film.streams.video:
            raise InputError(f"{path.name} has no pictures in it: give a film.")
        stream = film.streams.video[0]
        rate, claimed = float(stream.average_rate or 0), int(stream.frames or 0)
        uneven = _uneven_times(film)
    first = next((image for image in _images(path) if image is not None), None)
    if first is None:
        raise InputError(f"{path.name} has no pictures that can be decoded: it is damaged or cut short; copy it again.")
    shape = (first.shape[0], first.shape[1])
    check_size(path.name, shape)
    notes = ["A film does not say its pixel size: 1 mm was assumed, so lengths and volumes are not real."]
    if not PLAUSIBLE_RATE[0] <= rate <= PLAUSIBLE_RATE[1]:
        rate = ASSUMED_RATE
        notes.append(f"The film does not say its frame rate: {ASSUMED_RATE:g} pictures per second were assumed.")
    step = 1000.0 / rate
    notes.append("A film does not say the heart rate and may show several beats: its length stands for the period.")
    return Clip(
        path.name,
        shape,
        lambda: _images(path, shape),
        lambda frames: uneven[:frames] if frames <= len(uneven) else np.arange(frames, dtype=np.float64) * step,
        np.diag([-1.0, -1.0, 1.0, 1.0]),
        Source(str(path), "video", tuple(notes), spacing_known=False),
        claimed=claimed,
    )


def _uneven_times(film: Any) -> NDArray[np.float64]:
    """(T,) ms from the first picture of a film whose rate varies, as phones save them; none of a film of one rate."""
    import av

    stamps = []
    try:
        for packet in film.demux(film.streams.video[0]):
            if packet.size and packet.pts is None:
                return np.empty(0)
            if packet.size and not packet.is_discard:
                stamps.append(float(1000 * packet.pts * packet.time_base))
    except av.error.FFmpegError:  # damaged half way: as far as it goes, a mean rate is near enough
        return np.empty(0)
    times = np.sort(stamps)
    steps = np.diff(times)
    if not len(steps) or steps.min() <= 0 or steps.max() <= UNEVEN * steps.min():
        return np.empty(0)
    return times - times[0]


def _images(path: Path, shape: tuple[int, int] | None = None) -> Iterator[Picture | None]:
    """(Y, X, 3) uint8 each, None for one that is damaged."""
    import av

    with reading(path.name, "a film"), av.open(str(path)) as film:
        for packet in film.demux(film.streams.video[0]):
            try:
                images = packet.decode()
            except av.error.FFmpegError:
                yield None
                continue
            for image in images:
                upright = _upright(image)
                if shape not in (None, upright.shape[:2]):
                    raise InputError(f"{path.name} changes its picture size half way: save it anew in one size.")
                yield upright


def _upright(image: Any) -> Picture:
    return np.ascontiguousarray(np.rot90(image.to_ndarray(format="rgb24"), image.rotation // 90))
