"""Image files for the second process and from it.

The input is raw NRRD, which keeps geometry and phase times to the last digit and needs no package to write.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.clip_view import at_scale_of
from medvos.cine.label_choice import as_text
from medvos.cine.nrrd import CLIP, LABELS, TIMING, clip_entry
from medvos.structures import EVERY_STRUCTURE
from MedVOSSegmentLib.job.plain_nifti import load

# NIfTI keeps geometry in single precision.
SAME_MM = 1e-2
TYPES = {np.dtype(np.float32): "float", np.dtype(np.uint8): "uint8"}


def write_nrrd(path: Path, array: NDArray, cine: Cine) -> None:
    """Write ``array`` (T, Z, Y, X), float32 or uint8, on the grid and at the phase times of ``cine``."""
    with path.open("wb") as file:
        file.write(_header(array, cine).encode("ascii"))
        # Phase by phase: a write this long lets other threads run, and the array need not be contiguous.
        for phase in array:
            file.write(np.ascontiguousarray(phase, phase.dtype.newbyteorder("<")).data)


def read_nifti(path: Path, cine: Cine) -> NDArray:
    """Read the voxels (T, Z, Y, X) of an image on the grid of ``cine``.

    Raises InputError where it is missing or damaged, ValueError where it is on another grid.
    """
    array, affine = load(path)
    cine = at_scale_of(cine, affine)  # of a clip with several views, the result is of the one with the drawing
    if array.shape != cine.shape or not np.allclose(affine, cine.affine, atol=SAME_MM):
        raise ValueError(f"{path.name} is on another grid than the cine.")
    return array


def _header(array: NDArray, cine: Cine) -> str:
    timing = {"period": cine.period, "heart_rate": cine.source.heart_rate, "notes": cine.source.notes}
    own_entries = [f"{CLIP}:={clip_entry(cine.source)}"] if cine.is_echo else []
    if array.dtype == np.uint8:  # the segments that the user drew are known by their names
        own = {structure.label: structure.label for structure in EVERY_STRUCTURE}
        own_entries.append(f"{LABELS}:={as_text(own)}")
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
            f"{TIMING}:={json.dumps(timing)}",
            *own_entries,
            "\n",
        ]
    )


def _vector(values: NDArray[np.float64]) -> str:
    return f"({','.join(repr(float(value)) for value in values)})"
