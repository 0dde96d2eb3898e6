"""Read a 4D NIfTI as a cine, and the voxels and affine of any NIfTI."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.geometry import Affine, along_normal, slice_axis_last
from medvos.cine.guard import MAX_COMPRESSION, check_geometry, check_size, reading
from medvos.cine.timing import from_step
from medvos.errors import InputError

SUFFIXES = (".nii", ".nii.gz", ".hdr", ".img")


def read_nifti(path: Path) -> Cine:
    """Read the cine in a 4D NIfTI file; InputError if it is damaged or has no time axis."""
    array, affine, step, unit = load(path)
    if array.ndim != 4:
        raise InputError(f"{path.name} is a {array.ndim}D image without a time axis: give a 4D cine.")
    array, affine = along_normal(*slice_axis_last(array, affine))
    timing = from_step(len(array), step, unit)
    source = Source(str(path), "nifti", timing.notes, heart_rate=timing.heart_rate)
    return Cine(np.ascontiguousarray(array, np.float32), affine, timing.times, timing.period, source)


def load(path: Path) -> tuple[NDArray, Affine, float, str]:
    """Read voxels (T, Z, Y, X) or (Z, Y, X), RAS affine, and the step between phases with its unit (or 0 and '')."""
    import nibabel

    with reading(path.name, "NIfTI"):
        image = nibabel.load(path)
        if not isinstance(image, nibabel.Nifti1Pair):
            raise InputError(f"{path.name} is not a NIfTI image: convert it to NIfTI first.")
        shape = image.shape
        packed = path.name.endswith(".gz")
        voxel_file = Path(str(image.file_map["image"].filename))
        limit = voxel_file.stat().st_size * (MAX_COMPRESSION if packed else 1)
        if image.get_data_dtype().fields is not None:
            raise InputError(f"{path.name} holds colours, not grey values: save it as a grey image.")
        check_size(path.name, shape, limit, image.get_data_dtype().itemsize)
        voxels = np.asanyarray(image.dataobj)
        affine = np.array(image.affine, float)
        header = image.header
        step = float(header["pixdim"][4]) if len(shape) > 3 else 0.0
        unit = header.get_xyzt_units()[1] if len(shape) > 3 else ""
    # Some programs keep time on the fifth axis, with a fourth of length one.
    while voxels.ndim > 4 and 1 in voxels.shape[3:]:
        voxels = voxels.squeeze(axis=3 + voxels.shape[3:].index(1))
    if voxels.ndim not in (3, 4):
        raise InputError(f"{path.name} has {len(shape)} axes: a cine has four (x, y, z and time).")
    if np.iscomplexobj(voxels):
        raise InputError(f"{path.name} holds complex numbers: save the magnitude image.")
    check_geometry(path.name, affine)
    return voxels.T, affine, step, unit
