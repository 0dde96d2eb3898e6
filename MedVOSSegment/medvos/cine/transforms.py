"""The transforms from voxels to the patient that a NIfTI file may be read with, and the one on which a drawing lies.

A NIfTI has two, the qform and the sform, each with a code that is 0 where it is not set, and programs choose unlike:

- nibabel, FSL and this module: the sform where it is set, else the qform.
- ITK, and with it SimpleITK, ITK-SNAP and 3D Slicer: the sform where its code is 1 or there is no qform, else the
  qform; also the qform where the sform is sheared.
- Where neither is set, ITK puts the first voxel at 0 in LPS axes, nibabel the centre at 0, the standard the first voxel
  at 0 in RAS axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.geometry import LPS_TO_RAS, Affine
from medvos.cine.grid import TOLERANCE_VOXELS, onto_grid
from medvos.errors import InputError

# A larger difference between the voxel volumes of two transforms changes volumes in mL.
SAME_VOLUME = 0.01
# The order of voxels in the cine's file, for a drawing that states no place.
BY_VOXEL = "voxel by voxel"
CENTRED = "a grid centred at 0, as nibabel has it"


@dataclass(frozen=True)
class Transform:
    """`affine` (4, 4) from voxel (x, y, z, 1) to RAS mm, and its `name` for notes: ``qform``, ``sform`` ..."""

    name: str
    affine: Affine


def transforms_of(header: Any, base: Affine, shape: tuple[int, ...]) -> tuple[Transform, ...]:
    """Return the transforms of a NIfTI header that differ, the one to use first; `base` is nibabel's without codes."""
    sform, qform = int(header["sform_code"]), int(header["qform_code"])
    found = []
    if sform > 0:
        found.append(Transform("sform", np.array(header.get_sform(), float)))
    if qform > 0:
        found.append(Transform("qform", np.array(header.get_qform(), float)))
    if not found:
        size = np.diag([*np.abs(np.array(header["pixdim"][1:4], float)), 1.0])
        found = [
            Transform(CENTRED, np.array(base, float)),
            Transform("a grid with the first voxel at 0 in LPS axes, as ITK has it", LPS_TO_RAS @ size),
            Transform("a grid with the first voxel at 0 in RAS axes", size),
        ]
        return tuple(found)
    if len(found) == 2:
        if _apart(found[0].affine, found[1].affine, shape) <= TOLERANCE_VOXELS:
            return (found[0],)
        first, second = (np.linalg.norm(one.affine[:3, :3], axis=0) for one in found)
        if not np.allclose(first, second, rtol=SAME_VOLUME) and np.isfinite(found[1].affine).all():
            found.reverse()  # a registration may scale; the qform has the voxel sizes of the scanner
    return tuple(found)


def stated(transforms: tuple[Transform, ...]) -> bool:
    """Return whether the file sets a transform at all."""
    return bool(transforms) and transforms[0].name != CENTRED


def notes_on(transforms: tuple[Transform, ...], shape: tuple[int, ...]) -> tuple[str, ...]:
    """Return sentences about a file (X, Y, Z) with no transform or with two that differ."""
    if not stated(transforms):
        return ("The file has neither qform nor sform, so its place and orientation in the patient are not known.",)
    if len(transforms) < 2:
        return ()
    used, other = transforms
    corners = _corners(shape) @ (used.affine - other.affine).T
    mm = float(np.linalg.norm(corners[:, :3], axis=1).max())
    scale = _volume(other) / _volume(used)
    scaled = (
        ""
        if np.isclose(scale, 1, rtol=SAME_VOLUME)
        else f" and give voxels of {scale:.2f} times the volume of those used"
    )
    return (f"The file has a qform and an sform that differ by up to {mm:.1f} mm{scaled}: the {used.name} was used.",)


def sizes_contradict(transforms: tuple[Transform, ...], sizes: NDArray) -> tuple[str, ...]:
    """Return a sentence where the voxel sizes of the header (3,) are not those of its one transform."""
    size = float(np.prod(np.abs(np.array(sizes, float))))
    if not stated(transforms) or len(transforms) > 1 or not size > 0:
        return ()
    volume = _volume(transforms[0])
    scale = size / volume if volume > 0 else 1.0  # a transform without a volume is refused
    if np.isclose(scale, 1, rtol=SAME_VOLUME):
        return ()
    return (
        f"The voxel sizes of the header (pixdim) give {scale:.2f} times the volume of those by the "
        f"{transforms[0].name}, which was used: volumes may be wrong.",
    )


def place(
    array: NDArray, own: tuple[Transform, ...], shape: tuple[int, int, int], target: tuple[Transform, ...], name: str
) -> tuple[NDArray, str] | None:
    """Copy `array` (..., Z, Y, X) onto a grid (Z, Y, X), and say which transforms were used where it is not the first.

    A drawing with two transforms is held against the cine's of the same names first. None where no pair fits.

    Raises
    ------
    InputError: it fits at two places, so that it is not known on which slice it was drawn.
    """
    pairs = [(one, other) for one in own for other in target]
    # Each voxel numbered, so that two placements can be told apart at the cost of one volume.
    numbered = np.arange(1, int(np.prod(array.shape[-3:])) + 1, dtype=np.int32)
    probe = numbered.reshape(array.shape[-3:])
    fits = []
    for one, other in pairs:
        placed = onto_grid(probe, one.affine, shape, other.affine)
        if placed is not None:
            fits.append((one, other, placed))
    if not fits:
        return None
    if len(own) > 1:
        fits = [fit for fit in fits if fit[0].name == fit[1].name] or fits
    one, other, placed = fits[0]
    rivals = [fit for fit in fits if not np.array_equal(fit[2], placed)]
    if rivals:
        raise InputError(
            f"{name} fits the cine at two places, on {_named(other)} and on {_named(rivals[0][1])}: give the cine and "
            "the drawing the same qform and sform."
        )
    result = onto_grid(array, one.affine, shape, other.affine)
    return None if result is None else (result, "" if one is own[0] and other is target[0] else _words(own, one, other))


def _words(own: tuple[Transform, ...], one: Transform, other: Transform) -> str:
    if one.name == BY_VOXEL:
        return "has neither qform nor sform and was taken voxel by voxel as the cine"
    mine = f"by its {one.name} " if len(own) > 1 and one.name in ("qform", "sform") else ""
    return f"lies {mine}on {_named(other)}"


def _named(transform: Transform) -> str:
    return f"the cine's {transform.name}" if transform.name in ("qform", "sform", "affine") else transform.name


def _volume(transform: Transform) -> float:
    return abs(float(np.linalg.det(transform.affine[:3, :3])))


def _corners(shape: tuple[int, ...]) -> NDArray[np.float64]:
    x, y, z = (n - 1 for n in shape[:3])
    return np.array([[i, j, k, 1.0] for i in (0, x) for j in (0, y) for k in (0, z)])


def _apart(one: Affine, other: Affine, shape: tuple[int, ...]) -> float:
    """Largest distance in voxels between the corners of a grid under two transforms."""
    if not (np.isfinite(one).all() and np.isfinite(other).all()) or abs(np.linalg.det(one)) < 1e-12:
        return float("inf")
    return float(np.abs((_corners(shape) @ (np.linalg.inv(one) @ other - np.eye(4)).T)[:, :3]).max())
