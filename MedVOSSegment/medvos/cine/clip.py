"""Clips that are read frame by frame, so that memory does not grow with their length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.guard import check_size
from medvos.errors import InputError

MOST_DAMAGED = 0.2

FrameArray = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]
Box = tuple[slice, slice]


@dataclass(frozen=True)
class Clip:
    """An ultrasound clip or a video: one slice, without position in the patient.

    Attributes
    ----------
    name: as messages to the user call it.
    shape: (Y, X) of every frame.
    images: reads the clip from its beginning, as often as it is called: (Y, X) grey or (Y, X, 3) RGB values, or None
        for a frame that is damaged.
    times_of: ms (T,) of T frames.
    affine: (4, 4) as of `Cine`.
    source: where it came from, as of `Cine`.
    white: the largest value that a pixel can have.
    box: rows and columns that show tissue, where the file names them.
    claimed: number of frames according to the header, 0 where it has none.
    file: for DICOM, where the frames are.
    files: for DICOM, where each frame is, if they lie in files of their own.
    """

    name: str
    shape: tuple[int, int]
    images: Callable[[], Iterator[FrameArray | None]]
    times_of: Callable[[int], NDArray[np.float64]]
    affine: NDArray[np.float64]
    source: Source
    white: int = 255
    box: Box | None = None
    claimed: int = 0
    file: str = ""
    files: tuple[str, ...] = ()

    def steady(self) -> Iterator[FrameArray]:
        """Yield all frames; a damaged one is replaced by the previous frame, and left out at the beginning."""
        yield from without_damaged(self.images())

    def grid(self, frames: int, notes: tuple[str, ...] = ()) -> Cine:
        """Return a cine (T, 1, Y, X) with the clip's geometry and times; its intensities are 0 and take no memory."""
        times = self.times_of(frames)
        step = float(np.median(np.diff(times))) if frames > 1 else 1.0
        files = ((self.file,),) * frames if self.file else tuple((file,) for file in self.files[:frames])
        source = replace(self.source, notes=(*self.source.notes, *notes), files=files)
        blank = np.broadcast_to(np.float32(0), (frames, 1, *self.shape))
        return Cine(blank, self.affine, times, float(times[-1]) + step, source)


def clip_of(cine: Cine, name: str) -> Clip:
    """Return a cine of one slice, with 0 as black, as a clip."""
    images = cine.array[:, 0]
    bits = max(8, int(np.ceil(np.log2(float(images.max()) + 1))))
    views = cine.source.views
    return Clip(
        name,
        (images.shape[1], images.shape[2]),
        lambda: iter(images),
        lambda frames: cine.times[:frames],
        cine.affine,
        cine.source,
        white=2**bits - 1,
        box=None if views.view is None else views.view.box,
    )


def whole(clip: Clip) -> Cine:
    """Return the clip as a cine (T, 1, Y, X) of grey values."""
    found: list[NDArray[np.float32]] = []
    damaged = 0
    for image in clip.images():
        damaged += image is None
        if image is None and not found:
            continue
        check_size(clip.name, (len(found) + 1, *clip.shape))
        found.append(found[-1] if image is None else grey(image))
    notes = tuple(damage(clip, len(found), damaged))
    return replace(clip.grid(len(found), notes), array=np.stack(found)[:, None])


def without_damaged(images: Iterable[FrameArray | None]) -> Iterator[FrameArray]:
    """Yield the frames, the previous one in place of a damaged one (None); those at the beginning are left out."""
    last: FrameArray | None = None
    for image in images:
        last = last if image is None else image
        if last is not None:
            yield last


def grey(image: FrameArray) -> NDArray[np.float32]:
    """Return the mean (Y, X) over the colour channels."""
    return (image.mean(axis=-1) if image.ndim == 3 else image).astype(np.float32)


def damage(clip: Clip, frames: int, damaged: int) -> list[str]:
    """Return notes on the parts of a clip that could not be read.

    Parameters
    ----------
    frames: number of frames, with those that replace damaged ones.
    damaged: number of frames that could not be decoded.

    Raises
    ------
    InputError: none can be decoded, or too few.
    """
    if not frames:
        raise InputError(f"{clip.name} has no frames that can be decoded: it is damaged or cut short; copy it again.")
    if damaged > MOST_DAMAGED * frames:
        raise InputError(f"{clip.name} is damaged: {damaged} of its frames or more cannot be decoded; copy it again.")
    notes = []
    if damaged:
        notes.append(f"{damaged} frames are damaged: each was replaced by the previous one.")
    if frames < clip.claimed - 1:
        notes.append(f"The clip is cut short: its header claims {clip.claimed} frames and it holds {frames}.")
    return notes
