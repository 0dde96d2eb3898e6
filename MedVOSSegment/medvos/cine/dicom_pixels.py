"""Pixels of chosen frames, decoded and rescaled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_frames import Frame
from medvos.cine.guard import check_size, reading
from medvos.errors import InputError

# Lossy codecs reach 100 to 1 on pictures; more means that the header lies about its file.
MAX_COMPRESSION = 5000


class PixelReader:
    """Reads frames, keeping the pixels of the last file so that a multi-frame file is decoded once."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._pixels: NDArray = np.empty(0)

    def read(self, frames: Sequence[Frame]) -> NDArray[np.float32]:
        """Intensities (len(frames), rows, columns) of frames of one size, after rescale slope and intercept."""
        result = np.empty((len(frames), *frames[0].shape), np.float32)
        for picture, frame in zip(result, frames, strict=True):
            if frame.path != self._path:
                self._pixels, self._path = decode(frame.path, frame.name), frame.path
            with reading(frame.name, "DICOM"):
                picture[...] = self._pixels[frame.index] * np.float32(frame.slope) + np.float32(frame.intercept)
        return result


def decode(path: Path, name: str) -> NDArray:
    """Stored pixels (frames, rows, columns) of a DICOM file, colours turned to grey.

    InputError where the file is cut short, or is compressed in a way that needs another package.
    """
    from pydicom import dcmread
    from pydicom.pixels import apply_color_lut, pixel_array
    from pydicom.uid import ImplicitVRLittleEndian

    with reading(name, "DICOM"):
        data = dcmread(path, force=True)
        frames = int(data.get("NumberOfFrames") or 1)
        shape = (frames, int(data.Rows), int(data.Columns))
        syntax = data.file_meta.get("TransferSyntaxUID")
        if syntax is None:
            data.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        elif syntax.is_private or not syntax.is_transfer_syntax:
            raise InputError(f"{name} has a transfer syntax nobody else reads: export it anew as uncompressed DICOM.")
        check_size(name, shape, path.stat().st_size * MAX_COMPRESSION)
        try:
            pixels = pixel_array(data)
        except (RuntimeError, NotImplementedError) as error:
            if syntax is not None and syntax.is_compressed:
                raise InputError(
                    f"{name} is compressed ({syntax.name}) and cannot be decoded here: "
                    "pip install 'pylibjpeg[all]', or export it as uncompressed DICOM."
                ) from error
            raise
        if data.get("PhotometricInterpretation") == "PALETTE COLOR":
            pixels = apply_color_lut(pixels, data)
        if pixels.shape[-1] == 3 and pixels.size == 3 * np.prod(shape):
            pixels = pixels.mean(axis=-1)
        return pixels.reshape(shape)
