"""Decode and rescale the pixels of chosen frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_files import DEFLATED
from medvos.cine.dicom_frames import Frame
from medvos.cine.dicom_kinds import is_inverted
from medvos.cine.guard import check_size, reading
from medvos.errors import InputError
from medvos.packages import install

# Lossy codecs reach 100 to 1 on images; more means that the header does not describe its file.
MAX_COMPRESSION = 5000
# After so many damaged frames in a row a file is cut short.
LOST = 25


class PixelReader:
    """Reads frames, keeping the pixels of the last file so that a multi-frame file is decoded once."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._pixels: NDArray = np.empty(0)

    def read(self, frames: Sequence[Frame]) -> NDArray[np.float32]:
        """Return the rescaled intensities (len(frames), rows, columns) of frames of one size."""
        result = np.empty((len(frames), *frames[0].shape), np.float32)
        for image, frame in zip(result, frames, strict=True):
            if frame.path != self._path:
                self._pixels, self._path = decode(frame.path, frame.name), frame.path
            with reading(frame.name, "DICOM"):
                image[...] = self._pixels[frame.index] * np.float32(frame.slope) + np.float32(frame.intercept)
        return result


def decode(path: Path, name: str) -> NDArray:
    """Return the stored pixels (frames, rows, columns) of a DICOM file, through its modality LUT if it has one.

    Colours are converted to grey.

    InputError where the file is cut short, or is compressed in a way that needs another package.
    """
    from pydicom.pixels import apply_color_lut, apply_modality_lut, pixel_array

    with reading(name, "DICOM"):
        data, shape = _opened(path, name)
        above = _bits_above(data)
        if above:  # the codec keeps the lowest bits, and the values are in the highest
            data.BitsStored = int(data.BitsStored) + above
        with _decoding(data, name):
            pixels = pixel_array(data) >> above if above else pixel_array(data)
        if data.get("PhotometricInterpretation") == "PALETTE COLOR":
            pixels = apply_color_lut(pixels, data)
        elif data.get("ModalityLUTSequence"):
            pixels = apply_modality_lut(pixels, data)
        if pixels.shape[-1] == 3 and pixels.size == 3 * np.prod(shape):
            pixels = pixels.mean(axis=-1)
        return pixels.reshape(shape)


def frames_in_turn(path: Path, name: str) -> Iterator[NDArray | None]:
    """Yield the pixels (rows, columns), larger ones brighter, or (rows, columns, 3) RGB of each frame, None if damaged.

    A frame is read from the disk when its turn comes. InputError as of `decode`.
    """
    from pydicom.pixels import apply_color_lut, iter_pixels

    with reading(name, "DICOM"):
        data, (frames, *_) = _opened(path, name, stop_before_pixels=True)
        # A deflated file cannot be read at a frame's place.
        deflated = data.file_meta.TransferSyntaxUID == DEFLATED
        source = _opened(path, name)[0] if deflated else path
        palette = data.get("PhotometricInterpretation") == "PALETTE COLOR"
        white = _white(data) if is_inverted(data) else None
        done = in_a_row = 0
        while done < frames and in_a_row < LOST:
            try:
                with _decoding(data, name):
                    for pixels in iter_pixels(source, indices=range(done, frames)):
                        yield apply_color_lut(pixels, data) if palette else _upright(pixels, white)
                        done, in_a_row = done + 1, 0
                    done = frames
            except (InputError, ValueError, OSError):  # what the codecs raise for a damaged frame
                if not done:
                    raise
                yield None
                done, in_a_row = done + 1, in_a_row + 1


def _bits_above(data: Any) -> int:
    """How many bits upwards the values of a grey image are: old scanners store 12 bits in the upper ones."""
    if int(data.get("SamplesPerPixel") or 1) > 1 or data.file_meta.TransferSyntaxUID.is_compressed:
        return 0
    stored, high, allocated = (int(data.get(key) or 0) for key in ("BitsStored", "HighBit", "BitsAllocated"))
    return high + 1 - stored if 0 < stored <= high < allocated else 0


def _white(data: Any) -> int:
    """The largest stored value of unsigned pixels; of signed ones -1, around which they are inverted."""
    return -1 if int(data.get("PixelRepresentation") or 0) else 2 ** int(data.get("BitsStored") or 8) - 1


def _upright(pixels: NDArray, white: int | None) -> NDArray:
    """Invert grey values around ``white``; None leaves them as they are."""
    if white is None:
        return pixels
    inverted = white - (pixels if white < 0 else np.minimum(pixels, white))
    return np.asarray(inverted).astype(pixels.dtype)


def _opened(path: Path, name: str, stop_before_pixels: bool = False) -> tuple[Any, tuple[int, int, int]]:
    """The data set, and (frames, rows, columns)."""
    from pydicom import dcmread
    from pydicom.uid import ImplicitVRLittleEndian

    from medvos.cine.dicom_codecs import add_decoders

    add_decoders()
    data = dcmread(path, force=True, stop_before_pixels=stop_before_pixels)
    shape = (int(data.get("NumberOfFrames") or 1), int(data.Rows), int(data.Columns))
    syntax = data.file_meta.get("TransferSyntaxUID")
    if syntax is None:
        data.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    elif syntax.is_private or not syntax.is_transfer_syntax:
        raise InputError(f"{name} has a transfer syntax nobody else reads: export it anew as uncompressed DICOM.")
    check_size(name, shape, path.stat().st_size * MAX_COMPRESSION)
    return data, shape


@contextmanager
def _decoding(data: Any, name: str) -> Iterator[None]:
    """Say what to install where pydicom has no codec for a file."""
    try:
        yield
    except (RuntimeError, NotImplementedError) as error:
        syntax = data.file_meta.TransferSyntaxUID
        if syntax.is_compressed:
            raise InputError(
                f"{name} is compressed ({syntax.name}) and cannot be decoded here: "
                f"{install('imagecodecs')}, or export it as uncompressed DICOM."
            ) from error
        raise
