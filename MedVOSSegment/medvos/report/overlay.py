"""Overlay video: a clip with the contours of its segmentation and the volume curve below it."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medvos.measure.measures import Measures
from medvos.report.excerpt import marks
from medvos.report.palette import INK, UNCERTAIN, colour_of
from medvos.structures import name_of

SIDE = 448  # least length of the shorter side in pixels: contours of a small clip would be coarse
STRIP = 84  # rows for the curve
LARGEST_RATE = 1000
SURE = 0.1  # uncertainty below this is not painted
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
NO_VIDEO = "There is no overlay video: PyAV (package av) is missing here or cannot encode H.264."

logger = logging.getLogger(__name__)


def write_overlay(
    path: Path, frames: Iterable[tuple[NDArray, NDArray[np.uint8], NDArray[np.float32]]], measures: Measures
) -> str:
    """Write an MP4 (H.264) of frames in order; return '', or a note for the user where no video can be made here.

    All frames are taken in any case, since the caller may collect some of them.

    Parameters
    ----------
    path: ends in .mp4.
    frames: grey values (Y, X) of 0 to 255, labels (Y, X) and uncertainty (Y, X) of each frame.
    measures: of the same frames.

    Raises
    ------
    OSError: the disk is full.
    """
    video = _Video(path, measures)
    for number, (image, labels, uncertainty) in enumerate(frames):
        video.add(number, image, labels, uncertainty)
    video.close()
    return video.note


class _Video:
    """Encodes frames, up to the first fault of the encoder; `note` is then `NO_VIDEO`."""

    def __init__(self, path: Path, measures: Measures) -> None:
        self.note = ""
        self._path, self._measures = path, measures
        self._file: Any = None
        self._stream: Any = None
        self._painter: _Painter | None = None

    def add(self, number: int, image: NDArray, labels: NDArray[np.uint8], uncertainty: NDArray[np.float32]) -> None:
        """Encode one frame."""
        if self.note:
            return
        with self._noting():
            import av

            if self._painter is None:
                self._painter = _Painter(image.shape, self._measures)
                self._open(av)
            painted = self._painter.paint(number, image, labels, uncertainty)
            self._file.mux(self._stream.encode(av.VideoFrame.from_ndarray(painted, format="rgb24")))

    def close(self) -> None:
        """Write the end of the file."""
        if self._file is not None:
            with self._noting():
                self._file.mux(self._stream.encode())
                self._file.close()

    def _open(self, av: Any) -> None:
        times = self._measures.time_ms
        step = float(np.median(np.diff(times))) if len(times) > 1 else 40.0
        rate = Fraction(min(1000 / step, LARGEST_RATE)).limit_denominator(1000)
        self._file = av.open(str(self._path), "w", format="mp4")
        self._stream = self._file.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "20"})
        self._stream.pix_fmt = "yuv420p"
        assert self._painter is not None
        self._stream.height, self._stream.width = self._painter.shape

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note a fault of the encoder, such as a codec that it lacks; without room nothing else can be written."""
        try:
            yield
        except Exception as error:
            file, self._file = self._file, None
            if file is not None:
                with suppress(Exception):
                    file.close()
            if getattr(error, "errno", None) in DISK_FULL:
                raise
            logger.info("No overlay video: %s", error)
            self._path.unlink(missing_ok=True)
            self.note = NO_VIDEO


class _Painter:
    """Paints frames of one size above the curve of their clip."""

    def __init__(self, shape: tuple[int, ...], measures: Measures) -> None:
        self._measures = measures
        self._marks = marks(measures)
        zoom = max(1, -(-SIDE // min(shape)))
        self._zoom = zoom
        self._height, self._width = shape[0] * zoom, shape[1] * zoom
        self._strip, self._columns = _strip(measures, self._width)
        # H.264 halves the resolution of colours and needs even sides.
        self.shape = ((self._height + STRIP) // 2 * 2, self._width // 2 * 2)

    def paint(
        self, number: int, image: NDArray, labels: NDArray[np.uint8], uncertainty: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        """Return the image (H, W, 3) of one frame."""
        from PIL import Image

        size = (self._width, self._height)
        grey = np.asarray(
            Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
        )
        canvas = np.empty((self._height + STRIP, self._width, 3), np.uint8)
        shown = canvas[: self._height]
        shown[:] = grey[..., None]
        if (uncertainty > SURE).any():
            unsure = np.asarray(Image.fromarray(uncertainty).resize(size, Image.Resampling.BILINEAR))
            weight = np.where(unsure > SURE, 0.5 * unsure, 0)[..., None]
            shown[:] = shown * (1 - weight) + weight * _rgb(UNCERTAIN)
        for label in np.unique(labels[labels > 0]):
            mask = Image.fromarray((labels == label).astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
            inside = ndimage.gaussian_filter(np.asarray(mask), self._zoom / 2) > 0.5
            shown[inside & ~ndimage.binary_erosion(inside, iterations=2)] = _rgb(colour_of(name_of(int(label))))
        canvas[self._height :] = self._strip
        at = self._columns[number]
        canvas[self._height :, max(at - 1, 0) : at + 1] = 255
        self._write(canvas, number)
        return canvas[: self.shape[0], : self.shape[1]]

    def _write(self, canvas: NDArray[np.uint8], number: int) -> None:
        words = f"frame {number + 1}   {self._measures.time_ms[number] / 1000:.2f} s"
        ef = self._measures["LVEF"].value if "LVEF" in self._measures else None
        words += "" if ef is None else f"   EF {ef:.0f} %"
        _text(canvas, (8, self._height + 4), words, (198, 208, 218))
        # For a few frames: a text shown for 20 ms cannot be read.
        near = [t for t in self._marks if 0 <= number - t <= 3]
        if near:
            _text(canvas, (8, 8), self._marks[max(near)], (255, 255, 255))


def _strip(measures: Measures, width: int) -> tuple[NDArray[np.uint8], NDArray[np.int_]]:
    """Draw (STRIP, width, 3) with the volume curve; return it and the column (T,) of each frame."""
    strip = np.full((STRIP, width, 3), _rgb(INK), np.uint8)
    times = measures.time_ms
    columns = np.round((times - times[0]) / max(times[-1] - times[0], 1e-9) * (width - 1)).astype(int)
    for beat in measures.beats:
        strip[24:, columns[beat.ed] : columns[beat.es] + 1] = (56, 70, 84)
    for name, curve in (measures.volumes_ml or measures.percent).items():
        if np.isfinite(curve).any():
            _draw_curve(strip, columns, curve, _rgb(colour_of(name)))
    return strip, columns


def _draw_curve(
    strip: NDArray[np.uint8], columns: NDArray[np.int_], curve: NDArray[np.float64], colour: NDArray[np.uint8]
) -> None:
    """Draw the curve (T,) as a line two pixels thick; gaps are interpolated."""
    known = np.isfinite(curve)
    dense = np.interp(np.arange(strip.shape[1]), columns[known], curve[known])
    rows = np.round(STRIP - 6 - (STRIP - 36) * dense / max(float(np.nanmax(curve)), 1e-9)).astype(int)
    for column, (before, row) in enumerate(zip(np.r_[rows[0], rows[:-1]], rows, strict=True)):
        strip[min(before, row) : max(before, row) + 2, column] = colour


def _text(canvas: NDArray[np.uint8], at: tuple[int, int], words: str, colour: tuple[int, int, int]) -> None:
    """Write text with its upper left corner at column and row ``at``."""
    from PIL import Image, ImageDraw, ImageFont

    rows = slice(at[1], at[1] + 22)
    line = Image.fromarray(canvas[rows])
    ImageDraw.Draw(line).text((at[0], 0), words, fill=colour, font=ImageFont.load_default(15))
    canvas[rows] = np.asarray(line)


def _rgb(colour: str) -> NDArray[np.uint8]:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
