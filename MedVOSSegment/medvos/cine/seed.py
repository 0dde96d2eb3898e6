"""Seeds: drawn slices on the grid of their cine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.clip_view import at_scale_of
from medvos.cine.geometry import Affine, direction_name
from medvos.cine.grid import onto_grid
from medvos.cine.guard import reading
from medvos.cine.labels import label_numbers
from medvos.errors import InputError

# Time and memory grow with each structure; a file with more labels is an image and not a drawing.
MOST_STRUCTURES = 32


@dataclass(frozen=True)
class Seed:
    """`labels` (T, Z, Y, X) uint8 on the cine's grid and `drawn` (T, Z) bool, the slices that carry any label."""

    labels: NDArray[np.uint8]
    drawn: NDArray[np.bool_]


def read_seed(path: str | Path, cine: Cine, phase: int | None = None) -> Seed:
    """Read the seed in a label image (NIfTI or NRRD) on the voxel lattice of `cine`; axes may be flipped or permuted.

    A 3D image is the seed of `phase` (counted from 0). Of a 4D image every phase counts, or `phase` alone if given.
    Of a cine of one slice, a mask may be an image file (PNG or BMP) of the cine's size.
    Raises InputError where the image is on another grid, empty, or holds no label numbers, or too many.
    """
    return seed_from_array(_placed(Path(path), cine, "The seed", "draw it on the cine itself"), cine, phase)


def read_labels(path: str | Path, cine: Cine) -> NDArray[np.uint8]:
    """Read the labels (T, Z, Y, X) of all phases on the voxel lattice of `cine`; axes may be flipped or permuted.

    Raises InputError where it is on another grid, of one phase, or holds no label numbers.
    """
    placed = _placed(Path(path), cine, "The segmentation", "give that of this cine")
    if placed.ndim == 3:
        raise InputError(f"{Path(path).name} is of one phase: give the segmentation of all {cine.shape[0]} phases.")
    return placed


def _placed(path: Path, cine: Cine, what: str, mend: str) -> NDArray[np.uint8]:
    """Labels (T, Z, Y, X) or (Z, Y, X) on the grid of `cine`; ``what`` they are and how to ``mend`` it, for errors."""
    array, affine = _load(path, cine, what)
    array = label_numbers(array, path.name)
    if array.ndim == 4 and len(array) == 1 and cine.shape[0] > 1:
        array = array[0]
    cine = at_scale_of(cine, affine)
    placed = onto_grid(array, affine, cine.shape[1:], cine.affine)
    other_phases = array.ndim == 4 and len(array) != cine.shape[0]
    if placed is None or other_phases or _is_of_another_clip(array, affine, cine):
        raise InputError(
            f"{path.name} is on another grid ({_grid_text(array.shape, affine)}) "
            f"than the cine ({_grid_text(cine.shape, cine.affine)}): {mend}."
        )
    return placed


def seed_from_array(labels: NDArray, cine: Cine, phase: int | None = None) -> Seed:
    """Return the seed of `labels` (T, Z, Y, X), or (Z, Y, X) with its `phase`; raises InputError like `read_seed`.

    >>> seed = seed_from_array(labels, cine, phase=0)
    """
    labels = label_numbers(np.asarray(labels), "The seed")
    phases = cine.shape[0]
    if phase is not None and not 0 <= phase < phases:
        raise InputError(f"Phase {phase} is out of range: the cine has phases 0 to {phases - 1}.")
    if labels.shape not in (cine.shape, cine.shape[1:]):
        raise InputError(f"The seed has the shape {labels.shape} and the cine {cine.shape}: give one label per voxel.")
    if labels.ndim == 3:
        if phase is None:
            raise InputError("The seed has one phase and it is not known which: give it with --phase (counted from 0).")
        whole = np.zeros(cine.shape, np.uint8)
        whole[phase] = labels
    elif phase is None:
        whole = labels
    else:
        whole = np.zeros_like(labels)
        whole[phase] = labels[phase]
    drawn = np.asarray(whole.any(axis=(2, 3)))
    if not drawn.any():
        where = "" if phase is None else f" at phase {phase}"
        raise InputError(f"The seed has no label{where}: draw at least one structure on one slice.")
    structures = np.count_nonzero(np.bincount(whole[drawn].ravel())[1:])
    if structures > MOST_STRUCTURES:
        raise InputError(
            f"The seed holds {structures} different labels, more than {MOST_STRUCTURES}: give a drawing, not an image."
        )
    return Seed(whole, drawn)


def _is_of_another_clip(array: NDArray, affine: Affine, cine: Cine) -> bool:
    """Whether the origin is 0 but the last voxel differs: clips without position in the patient all begin at 0."""
    at_zero = cine.shape[1] == 1 and not cine.affine[:3, 3].any() and not affine[:3, 3].any()
    return at_zero and array.shape[-2:] != cine.shape[-2:]


def _load(path: Path, cine: Cine, what: str) -> tuple[NDArray, Affine]:
    from medvos.cine import mask_image, nifti, nrrd

    name = path.name.lower()
    with reading(path.name, "a label image"):
        if not path.is_file():
            raise InputError(f"{what} {path.name} does not exist: give a NIfTI or NRRD label image.")
        if name.endswith(nifti.SUFFIXES):
            return nifti.load(path)[:2]
        if name.endswith(nrrd.SUFFIXES):
            return nrrd.load(path)[:2]
        if name.endswith(mask_image.SUFFIXES) and cine.shape[1] == 1:
            return mask_image.load(path, (cine.shape[2], cine.shape[3])), cine.affine
    images = ", or a PNG of one frame" if cine.shape[1] == 1 else ""
    raise InputError(f"{what} {path.name} is of an unknown kind: give a NIfTI or NRRD label image{images}.")


def _grid_text(shape: tuple[int, ...], affine: Affine) -> str:
    """Size, spacing, first voxel and directions of a grid, in the order x, y, z."""
    sizes = " x ".join(str(n) for n in shape[:-4:-1]) + (f" x {shape[0]} phases" if len(shape) == 4 else "")
    spacing = " x ".join(f"{mm:.2f}" for mm in np.linalg.norm(affine[:3, :3], axis=0))
    origin = ", ".join(f"{mm:.1f}" for mm in affine[:3, 3])
    directions = ", ".join(direction_name(column) for column in affine[:3, :3].T)
    return f"{sizes} voxels of {spacing} mm from ({origin}) to {directions}"
