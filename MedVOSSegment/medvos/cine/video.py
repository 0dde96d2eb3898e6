"""AVI, MP4 and other films (echo) to a cine of one slice."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from medvos.cine.cine import Cine, Source
from medvos.cine.guard import check_size, reading
from medvos.errors import InputError

SUFFIXES = (".avi", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".gif")
ASSUMED_RATE = 30.0
PLAUSIBLE_RATE = (1.0, 1000.0)


def read_video(path: Path) -> Cine:
    """The film as a cine (T, 1, Y, X) of grey values.

    A film says neither the pixel size nor the heart rate: 1 mm is assumed, and `period` is the film's length.
    """
    try:
        import av
    except ImportError as error:
        raise InputError(f"{path.name} is a film and needs PyAV: pip install 'medvos[video]'.") from error

    with reading(path.name, "a film"), av.open(str(path)) as film:
        if not film.streams.video:
            raise InputError(f"{path.name} has no pictures in it: give a film.")
        stream = film.streams.video[0]
        rate = float(stream.average_rate or 0)
        pictures: list[np.ndarray] = []
        for picture in film.decode(stream):
            check_size(path.name, (len(pictures) + 1, picture.height, picture.width))
            grey = picture.to_ndarray(format="rgb24").mean(axis=-1).astype(np.float32)
            if pictures and grey.shape != pictures[0].shape:
                raise InputError(f"{path.name} changes its picture size half way: save it anew in one size.")
            pictures.append(grey)
    if not pictures:
        raise InputError(f"{path.name} has no pictures that can be decoded: it is damaged or cut short; copy it again.")
    notes = ["A film does not say its pixel size: 1 mm was assumed, so lengths and volumes are not real."]
    if not PLAUSIBLE_RATE[0] <= rate <= PLAUSIBLE_RATE[1]:
        rate = ASSUMED_RATE
        notes.append(f"The film does not say its frame rate: {ASSUMED_RATE:g} pictures per second were assumed.")
    notes.append("A film does not say the heart rate and may show several beats: its length stands for the period.")
    step = 1000.0 / rate
    array = np.stack(pictures)[:, None]
    source = Source(str(path), "video", tuple(notes), spacing_known=False)
    return Cine(
        array,
        np.diag([-1.0, -1.0, 1.0, 1.0]),
        np.arange(len(array), dtype=np.float64) * step,
        len(array) * step,
        source,
    )
