"""Read a 4D NIfTI as a cine, and the voxels and transforms of any NIfTI."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.geometry import Affine, along_normal, slice_axis_last
from medvos.cine.guard import MAX_COMPRESSION, check_geometry, check_size, reading
from medvos.cine.timing import from_step
from medvos.cine.transforms import Transform, notes_on, sizes_contradict, transforms_of
from medvos.errors import InputError

# Between the pixels of a mouse and the slices of a coarse stack; other sizes are in the unit that the header states.
VOXELS_MM = (0.05, 30.0)
SUFFIXES = (".nii", ".nii.gz", ".hdr", ".img")
GZIP = b"\x1f\x8b"
# Intent codes of several values a voxel: matrices, vectors, colours.
COMPONENTS = {1004, 1005, 1006, 1007, 1008, 1009, 1010, 2003, 2004}
# A fifth axis of so few samples is that of components, whatever the intent says.
MOST_COMPONENTS = 4
# Names the labels of a file that medvos has written, in a header field of 16 letters; the intent is "label".
HOUSE_LABELS = "RV 1 Myo 2 LV 3"


@dataclass(frozen=True)
class Volume:
    """What a NIfTI holds: `voxels` (T, Z, Y, X) or (Z, Y, X), the `transforms` it may be read with, and its time step.

    `step` is in `unit`, or 0 and ''. `house_labels` is whether medvos wrote it as labels. `notes` are on sizes
    that contradict the transform.
    """

    voxels: NDArray
    transforms: tuple[Transform, ...]
    step: float
    unit: str
    house_labels: bool = False
    notes: tuple[str, ...] = ()

    @property
    def affine(self) -> Affine:
        """(4, 4) from voxel (x, y, z, 1) to RAS mm, by the transform to use first."""
        return self.transforms[0].affine


def description_of(path: Path) -> str:
    """Return the description in the header of a NIfTI file."""
    import nibabel

    with reading(path.name, "a NIfTI image"):
        header: Any = nibabel.load(path).header
        return bytes(header["descrip"]).rstrip(b"\0").decode("latin-1")


def read_nifti(path: Path) -> Cine:
    """Read the cine in a 4D NIfTI file; InputError if it is damaged or has no time axis."""
    volume = load_volume(path)
    array, stored = volume.voxels, volume.affine
    if array.ndim != 4:
        raise InputError(f"{path.name} is a {_kind(array)} without a time axis: give a 4D cine.")
    size = (array.shape[3], array.shape[2], array.shape[1])
    array, affine = along_normal(*slice_axis_last(array, stored))
    timing = from_step(len(array), volume.step, volume.unit)
    reordered = np.linalg.inv(stored) @ affine  # from a voxel of the cine to one of the file
    source = Source(
        str(path),
        "nifti",
        (*timing.notes, *notes_on(volume.transforms, size), *volume.notes),
        heart_rate=timing.heart_rate,
        transforms=tuple(Transform(one.name, one.affine @ reordered) for one in volume.transforms),
        stored=(size, stored),
    )
    return Cine(np.ascontiguousarray(array, np.float32), affine, timing.times, timing.period, source)


def _kind(array: NDArray) -> str:
    return "single 2D image" if array.ndim < 3 or array.shape[0] == 1 else f"{array.ndim}D image"


def load(path: Path) -> tuple[NDArray, Affine, float, str]:
    """Read voxels (T, Z, Y, X) or (Z, Y, X), RAS affine, and the step between phases with its unit (or 0 and '')."""
    volume = load_volume(path)
    return volume.voxels, volume.affine, volume.step, volume.unit


def _in_millimetres(transforms: tuple[Transform, ...], unit: str) -> tuple[Transform, ...]:
    """Transforms in mm where the header states metres or micrometres and the voxel sizes are not those of mm."""
    scale = {"meter": 1000.0, "micron": 1e-3}.get(unit)
    if scale is None or not transforms:
        return transforms
    sizes = np.linalg.norm(transforms[0].affine[:3, :3], axis=0)
    low, high = VOXELS_MM
    if low <= sizes.min() and sizes.max() <= high:
        return transforms
    to_mm = np.diag([scale, scale, scale, 1.0])
    return tuple(Transform(one.name, to_mm @ one.affine) for one in transforms)


def load_volume(path: Path) -> Volume:
    """Read the voxels and all transforms of a NIfTI, whatever the name says of its packing.

    Raises
    ------
    InputError: it is damaged, of another format, or holds colours, vectors or complex numbers.
    """
    with reading(path.name, "NIfTI"), _opened(path) as (image, packed):
        header, flat = image.header, len(image.shape) < 3
        shape = (*image.shape, 1, 1)[:3] if flat else image.shape
        voxel_file = image.file_map["image"].filename
        limit = Path(str(voxel_file) if voxel_file else path).stat().st_size * (MAX_COMPRESSION if packed else 1)
        if image.get_data_dtype().fields is not None:
            raise InputError(f"{path.name} holds colours, not grey values: save it as a grey image.")
        several = len(shape) > 4 and 1 < int(np.prod(shape[4:])) <= MOST_COMPONENTS
        if int(header["intent_code"]) in COMPONENTS or several:
            raise InputError(
                f"{path.name} holds several components a voxel, such as colours or vectors: save it as a grey image."
            )
        check_size(path.name, shape, limit, image.get_data_dtype().itemsize)
        voxels = np.asanyarray(image.dataobj).reshape(shape) if flat else np.asanyarray(image.dataobj)
        step = float(header["pixdim"][4]) if len(shape) > 3 else 0.0
        unit = header.get_xyzt_units()[1] if len(shape) > 3 else ""
        as_stored = transforms_of(header, np.array(header.get_base_affine(), float), shape)
        transforms = _in_millimetres(as_stored, header.get_xyzt_units()[0])
        sizes = sizes_contradict(as_stored, header["pixdim"][1:4])
        house = bytes(header["intent_name"]).decode("latin-1").strip("\0 ") == HOUSE_LABELS
    # Some programs keep time on the fifth axis, with a fourth of length one.
    while voxels.ndim > 4 and 1 in voxels.shape[3:]:
        voxels = voxels.squeeze(axis=3 + voxels.shape[3:].index(1))
    if voxels.ndim not in (3, 4):
        raise InputError(f"{path.name} has {len(shape)} axes: a cine has four (x, y, z and time).")
    if np.iscomplexobj(voxels):
        raise InputError(f"{path.name} holds complex numbers: save the magnitude image.")
    sound = [one for one in transforms if np.isfinite(one.affine).all() and np.linalg.det(one.affine[:3, :3])]
    if flat and not sound:
        raise InputError(
            f"{path.name} is a 2D image that does not tell on which slice it lies: save it as a 3D image, of one slice "
            "or of the whole stack."
        )
    for one in sound[:1] or transforms[:1]:
        check_geometry(path.name, one.affine)
    return Volume(voxels.T, tuple(sound), step, unit, house, sizes)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, bool]]:
    """Open a NIfTI with nibabel; whether it is packed is seen in its bytes, because names are changed by hand."""
    import nibabel

    name = path.name.lower()
    if name.endswith((".hdr", ".img", ".hdr.gz", ".img.gz")):
        image = nibabel.load(path)
        if not isinstance(image, nibabel.Nifti1Pair):
            raise InputError(f"{path.name} is not a NIfTI image: convert it to NIfTI first.")
        yield image, name.endswith(".gz") or str(image.file_map["image"].filename).lower().endswith(".gz")
        return
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    with gzip.open(path) if packed else path.open("rb") as stream:
        size = stream.read(4)
        stream.seek(0)
        two = 540 in (int.from_bytes(size, "little"), int.from_bytes(size, "big"))
        kind = nibabel.Nifti2Image if two else nibabel.Nifti1Image
        yield kind.from_stream(stream), packed
