"""NIfTI files between the two processes, read and written without a package.

The first import of nibabel brings fifteen thousand objects of pydicom, requests and others. It keeps the interpreter
from the window for most of a second and makes Python collect its garbage, which takes a tenth of one.
"""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.geometry import Affine
from medvos.cine.guard import reading
from MedVOSSegmentLib.text import tr

# Of the header of NIfTI-1: offset and format of what is used here, little-endian.
_HEADER_BYTES, _VOXELS_FROM = 348, 352
_LENGTH, _SIZES, _TYPE, _BITS = (0, "<i"), (40, "<8h"), (70, "<h"), (72, "<h")
_STEPS, _FROM, _SLOPE, _UNITS = (76, "<8f"), (108, "<f"), (112, "<2f"), (123, "<B")
_CODES, _TRANSFORM, _MAGIC = (252, "<2h"), (280, "<12f"), (344, "<4s")
_TYPES: dict[int, np.dtype[Any]] = {2: np.dtype(np.uint8), 16: np.dtype("<f4")}
_PACKED = b"\x1f\x8b"
_SINGLE_FILE = b"n+1\0"
_SCANNER, _MILLIMETRES_AND_MS = 1, 2 + 16


def load(path: Path) -> tuple[NDArray[np.uint8] | NDArray[np.float32], Affine]:
    """Read voxels (T, Z, Y, X) or (Z, Y, X), uint8 or float32, and the affine (4, 4) of a file that medvos has written.

    Values with a slope come as float32.

    Raises
    ------
    InputError: the file is missing, damaged or of another program.

    Example: ``labels, affine = load(folder / "segmentation.nii.gz")``
    """
    with reading(path.name, tr("a NIfTI image of medvos")):
        content = path.read_bytes()
        # In one call each, which leaves the interpreter to the window.
        if content.startswith(_PACKED):
            content = gzip.decompress(content)
        (length,), (magic,) = _get(content, _LENGTH), _get(content, _MAGIC)
        (kind,), (first,) = _get(content, _TYPE), _get(content, _FROM)
        if (length, magic) != (_HEADER_BYTES, _SINGLE_FILE):
            raise ValueError("not a single little-endian file of NIfTI-1")
        axes, *sizes = _get(content, _SIZES)
        shape = tuple(reversed(sizes[:axes]))
        if len(shape) not in (3, 4) or min(shape) < 1:
            raise ValueError("an impossible size")
        voxels = np.frombuffer(content, _TYPES[kind], int(np.prod(shape)), int(first)).reshape(shape)
        affine = np.vstack([np.reshape(_get(content, _TRANSFORM), (3, 4)), (0.0, 0.0, 0.0, 1.0)])
        slope, intercept = _get(content, _SLOPE)
        if np.isfinite(slope) and slope != 0 and (slope, intercept) != (1.0, 0.0):
            return voxels * np.float32(slope) + np.float32(intercept), affine
        return voxels.copy(), affine  # which may be written to


def save(path: Path, array: NDArray[np.uint8], affine: Affine, slope: float = 1.0) -> None:
    """Write ``array`` (T, Z, Y, X) uint8, to be multiplied by ``slope``, as a packed file that `load` and nibabel read.

    Raises OSError where there is no room.

    Example: ``save(folder / "segmentation.nii.gz", labels, cine.affine)``
    """
    header = bytearray(_VOXELS_FROM)
    sizes = [array.ndim, *reversed(array.shape), *[1] * (7 - array.ndim)]
    lengths = [*np.linalg.norm(affine[:3, :3], axis=0), *[1.0] * 4]
    for (offset, form), values in (
        (_LENGTH, [_HEADER_BYTES]),
        (_SIZES, sizes),
        (_TYPE, [2]),
        (_BITS, [8]),
        (_STEPS, [1.0, *lengths]),
        (_FROM, [_VOXELS_FROM]),
        (_SLOPE, [slope, 0.0]),
        (_UNITS, [_MILLIMETRES_AND_MS]),
        (_CODES, [0, _SCANNER]),
        (_TRANSFORM, affine[:3].ravel()),
        (_MAGIC, [_SINGLE_FILE]),
    ):
        struct.pack_into(form, header, offset, *values)
    voxels = np.ascontiguousarray(array, np.uint8)
    path.write_bytes(gzip.compress(bytes(header) + voxels.tobytes(), compresslevel=1, mtime=0))


def _get(content: bytes, field: tuple[int, str]) -> tuple:
    offset, form = field
    return struct.unpack_from(form, content, offset)
