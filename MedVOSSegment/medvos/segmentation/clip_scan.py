"""Scan all frames of a clip once, before any is segmented: sector, colours of flow, damage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.clip import Box, Clip, FrameArray, damage, grey
from medvos.cine.guard import MOST_PHASES
from medvos.errors import InputError
from medvos.progress import Progress, Report
from medvos.segmentation.sector import find_sector

LONG_SIDE = 256  # pixels along the longer side of the subsampled frames
COLOURED = 0.3  # difference between the colour channels of a flow map, as a fraction of white
FLOW_FRACTION = 0.01  # mean fraction of the sector that is coloured; tinted grey maps are paler
LEAST_INSIDE = 0.5  # of the change between frames that lies in the file's region; curves beside it change little
BORDER, LEAST_ACROSS = 3, 0.5  # pixels on both sides of a region's border, and the change outside over that inside
STILL = 0.05  # mean change between frames, in grey values of 255


@dataclass(frozen=True)
class ClipScan:
    """What all frames of a clip show together.

    Attributes
    ----------
    frames: number of frames.
    sector: (Y, X) bool.
    flow: whether colours of blood flow are drawn over the grey image.
    notes: sentences that the report shows.
    """

    frames: int
    sector: NDArray[np.bool_]
    flow: bool
    notes: tuple[str, ...]


def scan_clip(clip: Clip, report: Report | None = None) -> ClipScan:
    """Read every frame once and find the sector.

    Raises
    ------
    InputError: the clip is damaged, too long, or a still image.
    """
    seen = _Statistics(clip)
    for done, image in enumerate(clip.images(), start=1):
        seen.take(image)
        if report is not None and done % 64 == 0:
            report(Progress(done, max(clip.claimed, done), "reading"))
    notes = damage(clip, seen.frames, seen.damaged)
    if seen.frames == 1:
        raise InputError(f"{clip.name} is a still image: give a clip of one heart beat or more.")
    # Outside the region that the file names there may be another view, whose sector would be found.
    place = _in_steps(clip, seen.step)
    if seen.change[place].mean() < STILL:
        raise InputError(f"{clip.name} shows the same image all the time: give a clip of one heart beat or more.")
    if not clip.source.views.several and _is_cut(seen.change, place):
        raise InputError(
            f"Most of what moves in {clip.name} lies outside the region that the file describes: the image was scaled "
            "or cropped after the region was written, so its pixel size is not known; export the clip anew."
        )
    if seen.frames > MOST_PHASES:
        raise InputError(f"{clip.name} has {seen.frames} frames: cut it into parts of {MOST_PHASES} at most.")
    small = np.zeros(seen.brightest.shape, bool)
    sector = find_sector(seen.brightest[place], seen.change[place])
    if sector is None:
        notes.append("No sector was found in the frames: the whole image was used.")
    small[place] = True if sector is None else sector
    flow = bool(seen.coloured[small].mean() > FLOW_FRACTION)
    if flow:
        notes.append(
            "The clip shows colours of flow: they were taken for blood; give the grey clip where there is one."
        )
    return ClipScan(seen.frames, _enlarged(small, clip.shape, seen.step), flow, tuple(notes))


def _is_cut(change: NDArray[np.float32], place: Box) -> bool:
    """Whether most of what moves lies outside the region and goes on across its border: no other view beside it."""
    rows, columns = place
    beyond = tuple(slice(max(ends.start - BORDER, 0), ends.stop + BORDER) for ends in place)
    within = tuple(slice(ends.start + BORDER, ends.stop - BORDER) for ends in place)
    inside = float(change[rows, columns].sum())
    across = float(change[beyond].sum()) - inside
    along = inside - float(change[within].sum())
    return inside < LEAST_INSIDE * float(change.sum()) and across > LEAST_ACROSS * along


def grey_values(image: FrameArray, clip: Clip, flow: bool) -> NDArray[np.float32]:
    """Return grey values (Y, X) in [0, 1]; with ``flow``, coloured pixels become as dark as blood."""
    values = grey(image) / clip.white
    if flow and image.ndim == 3:
        values[_coloured(image, clip.white)] = 0
    return values.astype(np.float32, copy=False)


class _Statistics:
    """Statistics accumulated from frame to frame, over every `step`-th pixel of every `step`-th row."""

    def __init__(self, clip: Clip) -> None:
        self.white = clip.white
        self.step = max(1, round(max(clip.shape) / LONG_SIDE))
        rows, columns = (len(range(0, side, self.step)) for side in clip.shape)
        self.brightest = np.zeros((rows, columns), np.float32)
        self._sums = np.zeros((2, rows, columns))
        self._last: NDArray[np.float32] | None = None
        self.frames = self.damaged = 0

    def take(self, image: FrameArray | None) -> None:
        """Add the next frame; None stands for one that is damaged."""
        self.damaged += image is None
        if image is None and self._last is None:
            return
        self.frames += 1
        if image is None:
            return
        small = image[:: self.step, :: self.step]
        values = grey(small) * (255 / self.white)
        np.maximum(self.brightest, values, out=self.brightest)
        if small.ndim == 3:
            self._sums[1] += _coloured(small, self.white)
        if self._last is not None:
            self._sums[0] += np.abs(values - self._last)
        self._last = values

    @property
    def change(self) -> NDArray[np.float32]:
        """(Y, X) mean absolute difference between successive frames, in grey values of 255."""
        return (self._sums[0] / max(self.frames - 1, 1)).astype(np.float32)

    @property
    def coloured(self) -> NDArray[np.float32]:
        """(Y, X) fraction of the frames in which a pixel is coloured."""
        return (self._sums[1] / self.frames).astype(np.float32)


def _coloured(image: FrameArray, white: int) -> NDArray[np.bool_]:
    return np.asarray(np.ptp(image, axis=-1) > COLOURED * white)


def _enlarged(mask: NDArray[np.bool_], shape: tuple[int, int], step: int) -> NDArray[np.bool_]:
    return mask.repeat(step, axis=0).repeat(step, axis=1)[: shape[0], : shape[1]]


def _in_steps(clip: Clip, step: int) -> Box:
    """Rows and columns of the subsampled frames in the region that the file names, else all."""
    whole = (slice(0, clip.shape[0]), slice(0, clip.shape[1]))
    rows, columns = (slice(-(-ends.start // step), -(-ends.stop // step)) for ends in clip.box or whole)
    return rows, columns
