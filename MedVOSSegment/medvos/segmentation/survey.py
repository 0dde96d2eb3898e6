"""What a clip shows as a whole, from one look at all of its pictures before any is segmented."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.clip import Box, Clip, Picture, damage, grey
from medvos.cine.guard import MOST_PHASES
from medvos.errors import InputError
from medvos.progress import Progress, Report
from medvos.segmentation.sector import find_sector

LONG_SIDE = 256  # pixels of the pictures that are looked at
COLOURED = 0.3  # part of the largest value by which the colours of a pixel differ in a flow map
FLOW_FRACTION = 0.01  # of the sector that is coloured in the mean; skin tones of a grey map are paler
STILL = 0.05  # mean change of grey levels of 255


@dataclass(frozen=True)
class Survey:
    """
    Attributes
    ----------
    frames: pictures in the clip.
    sector: (Y, X) bool.
    flow: whether colours lie over the grey picture.
    notes: what a person should know.
    """

    frames: int
    sector: NDArray[np.bool_]
    flow: bool
    notes: tuple[str, ...]


def survey(clip: Clip, report: Report | None = None) -> Survey:
    """Look at every picture once.

    Raises
    ------
    InputError: the clip is damaged, too long, or a still picture.
    """
    looks = _Looks(clip)
    for done, image in enumerate(clip.images(), start=1):
        looks.take(image)
        if report is not None and done % 64 == 0:
            report(Progress(done, max(clip.claimed, done), "reading"))
    notes = damage(clip, looks.frames, looks.damaged)
    if looks.frames == 1:
        raise InputError(f"{clip.name} is a still picture: give a clip of one heart beat or more.")
    if looks.change.mean() < STILL:
        raise InputError(f"{clip.name} shows the same picture all the time: give a clip of one heart beat or more.")
    if looks.frames > MOST_PHASES:
        raise InputError(f"{clip.name} has {looks.frames} pictures: cut it into parts of {MOST_PHASES} at most.")
    # Beyond the region of the file there may be another view, whose sector would be found.
    place = _in_steps(clip, looks.step)
    small = np.zeros(looks.brightest.shape, bool)
    sector = find_sector(looks.brightest[place], looks.change[place])
    if sector is None:
        notes.append("No sector was found in the pictures: their whole middle was looked at.")
    small[place] = True if sector is None else sector
    flow = bool(looks.coloured[small].mean() > FLOW_FRACTION)
    if flow:
        notes.append(
            "The clip shows colours of flow: they were taken for blood; give the grey clip where there is one."
        )
    return Survey(looks.frames, _enlarged(small, clip.shape, looks.step), flow, tuple(notes))


def grey_levels(image: Picture, clip: Clip, flow: bool) -> NDArray[np.float32]:
    """(Y, X) in [0, 1]; where colours of flow lie over the picture, coloured pixels are as dark as blood."""
    slice_indices = grey(image) / clip.white
    if flow and image.ndim == 3:
        slice_indices[_coloured(image, clip.white)] = 0
    return slice_indices.astype(np.float32, copy=False)


class _Looks:
    """What is gathered from picture to picture, every `step`-th pixel of every `step`-th row."""

    def __init__(self, clip: Clip) -> None:
        self.white = clip.white
        self.step = max(1, round(max(clip.shape) / LONG_SIDE))
        rows, columns = (len(range(0, side, self.step)) for side in clip.shape)
        self.brightest = np.zeros((rows, columns), np.float32)
        self._sums = np.zeros((2, rows, columns))
        self._last: NDArray[np.float32] | None = None
        self.frames = self.damaged = 0

    def take(self, image: Picture | None) -> None:
        """The next picture."""
        self.damaged += image is None
        if image is None and self._last is None:
            return
        self.frames += 1
        if image is None:
            return
        small = image[:: self.step, :: self.step]
        slice_indices = grey(small) * (255 / self.white)
        np.maximum(self.brightest, slice_indices, out=self.brightest)
        if small.ndim == 3:
            self._sums[1] += _coloured(small, self.white)
        if self._last is not None:
            self._sums[0] += np.abs(slice_indices - self._last)
        self._last = slice_indices

    @property
    def change(self) -> NDArray[np.float32]:
        """(Y, X) mean absolute difference of neighbouring pictures in levels of 255."""
        return (self._sums[0] / max(self.frames - 1, 1)).astype(np.float32)

    @property
    def coloured(self) -> NDArray[np.float32]:
        """(Y, X) share of the pictures in which a pixel is coloured."""
        return (self._sums[1] / self.frames).astype(np.float32)


def _coloured(image: Picture, white: int) -> NDArray[np.bool_]:
    return np.asarray(np.ptp(image, axis=-1) > COLOURED * white)


def _enlarged(mask: NDArray[np.bool_], shape: tuple[int, int], step: int) -> NDArray[np.bool_]:
    return mask.repeat(step, axis=0).repeat(step, axis=1)[: shape[0], : shape[1]]


def _in_steps(clip: Clip, step: int) -> Box:
    """Rows and columns that show tissue, where the file says so, of the pictures that are looked at."""
    whole = (slice(0, clip.shape[0]), slice(0, clip.shape[1]))
    rows, columns = (slice(-(-ends.start // step), -(-ends.stop // step)) for ends in clip.box or whole)
    return rows, columns
