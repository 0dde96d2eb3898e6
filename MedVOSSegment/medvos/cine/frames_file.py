"""Write and read the 4D NIfTI of a clip frame by frame."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

from medvos.cine.cine import Cine
from medvos.cine.fractions import SLOPE
from medvos.cine.write import place

HEADER_BYTES = 352


class FramesFile:
    """A `.nii.gz` on the grid of a cine of one slice, to which frames (Y, X) are appended."""

    def __init__(self, file: gzip.GzipFile, dtype: DTypeLike) -> None:
        self._file, self._dtype = file, np.dtype(dtype).newbyteorder("<")

    def append(self, frame: NDArray) -> None:
        """Append the next frame (Y, X)."""
        self._file.write(np.ascontiguousarray(frame, self._dtype).tobytes())


@contextmanager
def frames_file(path: Path, cine: Cine, dtype: DTypeLike, *, fractions: bool = False) -> Iterator[FramesFile]:
    """Create a file for as many frames as `cine` has phases; times and geometry are those of `write_nifti`.

    ``fractions`` are appended as steps (`medvos.cine.fractions`), and other programs read them as values from 0 to 1.
    """
    import nibabel

    header = nibabel.Nifti1Header(endianness="<")
    header.set_data_dtype(np.dtype(dtype))
    header.set_data_shape(cine.shape[::-1])
    place(header, cine, over_time=True)
    if fractions:
        header.set_slope_inter(float(SLOPE), 0.0)
    header["vox_offset"], header["magic"] = HEADER_BYTES, b"n+1"
    with gzip.GzipFile(path, "wb", compresslevel=1) as file:
        file.write(header.binaryblock.ljust(HEADER_BYTES, b"\0"))
        yield FramesFile(file, dtype)


def frames_in(path: Path, shape: tuple[int, int], dtype: DTypeLike) -> Iterator[NDArray]:
    """Yield the frames (Y, X) of such a file."""
    size = np.dtype(dtype).itemsize * shape[0] * shape[1]
    with gzip.GzipFile(path, "rb") as file:
        file.read(HEADER_BYTES)
        while content := file.read(size):
            yield np.frombuffer(content, np.dtype(dtype).newbyteorder("<")).reshape(shape)
