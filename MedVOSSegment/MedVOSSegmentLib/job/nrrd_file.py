"""Cines and label maps as raw NRRD, which keeps geometry and phase times to the last digit and needs no package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine

TYPES = {np.dtype(np.float32): "float", np.dtype(np.uint8): "uint8"}


def write_nrrd(path: Path, array: NDArray, cine: Cine) -> None:
    """Write ``array`` (T, Z, Y, X), float32 or uint8, on the grid and at the phase times of ``cine``."""
    with path.open("wb") as file:
        file.write(_header(array, cine).encode("ascii"))
        # Phase by phase: a write this long lets other threads run, and the array need not be contiguous.
        for phase in array:
            file.write(np.ascontiguousarray(phase, phase.dtype.newbyteorder("<")).data)


def _header(array: NDArray, cine: Cine) -> str:
    directions = " ".join(_vector(cine.affine[:3, axis]) for axis in range(3))
    return "\n".join(
        [
            "NRRD0005",
            f"type: {TYPES[array.dtype]}",
            "dimension: 4",
            "space: right-anterior-superior",
            f"sizes: {' '.join(str(size) for size in reversed(array.shape))}",
            f"space directions: {directions} none",
            "kinds: domain domain domain list",
            "endian: little",
            "encoding: raw",
            f"space origin: {_vector(cine.affine[:3, 3])}",
            f"axis 3 index values:={' '.join(repr(float(time)) for time in cine.times)}",
            "axis 3 index unit:=ms",
            "\n",
        ]
    )


def _vector(values: NDArray[np.float64]) -> str:
    return f"({','.join(repr(float(value)) for value in values)})"
