"""Seeds: drawn slices on the grid of their cine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.clip_view import at_scale_of
from medvos.cine.geometry import Affine, direction_name
from medvos.cine.guard import reading
from medvos.cine.label_choice import read_choice
from medvos.cine.label_image import MOST_STRUCTURES, LabelImage, in_own_numbers, read_label_image
from medvos.cine.labels import label_numbers
from medvos.cine.transforms import BY_VOXEL, Transform, place, stated
from medvos.errors import InputError
from medvos.structures import LV

# Begins the description in the header of a proposal, before the digest of its slice.
PROPOSAL = "medvos proposal "
Labels = str | Mapping[str, int | str] | None

_WHITE_ON_BLACK = (
    "is white on black, which was taken as the LV; if it is another structure, give it with --labels, such as la=255 "
    "or other=255."
)


@dataclass(frozen=True)
class Seed:
    """`labels` (T, Z, Y, X) uint8 on the cine's grid and `drawn` (T, Z) bool, the slices that carry any label.

    `notes` say how the labels and the place of the drawing were understood, where that is not plain. `proposals` are
    the `digest_of` each slice that `medvos propose` labelled: as long as it is unchanged nobody has confirmed it.
    """

    labels: NDArray[np.uint8]
    drawn: NDArray[np.bool_]
    notes: tuple[str, ...] = ()
    proposals: tuple[str, ...] = ()

    @property
    def proposed(self) -> NDArray[np.bool_]:
        """(T, Z) bool: the slices that are an unchanged proposal."""
        places = np.zeros_like(self.drawn)
        if self.proposals:
            for t, z in np.argwhere(self.drawn):
                places[t, z] = digest_of(self.labels[t, z]) in self.proposals
        return places

    def __repr__(self) -> str:
        places = [f"slice {z} at phase {t}" for t, z in np.argwhere(self.drawn)]
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        return f"Seed({', '.join(places[:3])}{more}, counted from 0; labels {_present(self.labels)})"


def digest_of(labels: NDArray[np.uint8]) -> str:
    """Return 32 hex digits that identify the labels (Y, X) of one slice.

    >>> digest_of(np.zeros((4, 4), np.uint8))
    '374708fff7719dd5979ec875d56cd228'
    """
    return hashlib.sha256(np.ascontiguousarray(labels).tobytes()).hexdigest()[:32]


def _present(labels: NDArray[np.uint8]) -> str:
    return ", ".join(str(label) for label in np.flatnonzero(np.bincount(labels.ravel())) if label)


def read_seed(path: str | Path, cine: Cine, phase: int | None = None, labels: Labels = None) -> Seed:
    """Read the seed in a label image (NIfTI or NRRD) on the voxel lattice of `cine`; axes may be flipped or permuted.

    A 3D image is the seed of `phase` (counted from 0). Of a 4D image every phase counts, or `phase` alone if given.
    Of a cine of one slice, a mask may be an image file (PNG or BMP) of the cine's size.

    Which structure a label is, is what `labels` says, such as ``lv=1,myo=2,rv=3`` or a mapping of these; else what the
    names in the file say; else 1 RV, 2 Myo, 3 LV, or what the drawing plainly shows.

    >>> seed = read_seed("seed.seg.nrrd", cine, phase=0, labels="lv=1,myo=2,rv=3")  # doctest: +SKIP

    Raises
    ------
    InputError: the image is on another grid, empty, or holds no label numbers, or too many, or it is in doubt which
        structures they are.
    """
    placed, notes = _placed(Path(path), cine, "The seed", "draw it on the cine itself", labels)
    return replace(seed_from_array(placed, cine, phase), notes=notes, proposals=proposals_in(Path(path)))


def proposals_in(path: Path) -> tuple[str, ...]:
    """Return the digest that `medvos propose` wrote into the header of a NIfTI file, if any."""
    from medvos.cine.nifti import SUFFIXES, description_of

    if not path.name.lower().endswith(SUFFIXES):
        return ()
    found = description_of(path)
    return (found.removeprefix(PROPOSAL),) if found.startswith(PROPOSAL) else ()


def read_labels(path: str | Path, cine: Cine, labels: Labels = None) -> NDArray[np.uint8]:
    """Read the labels (T, Z, Y, X) of all phases on the voxel lattice of `cine`; axes may be flipped or permuted.

    `labels` as in `read_seed`.

    Raises
    ------
    InputError: it is on another grid, of one phase, holds no label numbers, or is in doubt.
    """
    return read_labels_noted(path, cine, labels)[0]


def read_labels_noted(path: str | Path, cine: Cine, labels: Labels = None) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Read labels like `read_labels`, with notes on how they were understood."""
    placed, notes = _placed(Path(path), cine, "The segmentation", "give that of this cine", labels)
    if placed.ndim == 3:
        raise InputError(f"{Path(path).name} is of one phase: give the segmentation of all {cine.shape[0]} phases.")
    return placed, notes


def _placed(
    path: Path, cine: Cine, what: str, mend: str, labels: Labels = None
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Labels (T, Z, Y, X) or (Z, Y, X) on the grid of `cine`, and notes; ``what`` and ``mend`` are for errors."""
    choice = read_choice(labels)
    try:
        image = _load(path, cine, what, choice)
    except InputError as fault:
        raise named_as(what, path, fault) from fault
    array = image.labels
    if array.ndim == 4 and len(array) == 1 and cine.shape[0] > 1:
        array = array[0]
    cine = at_scale_of(cine, image.affine)
    target = cine.source.transforms or (Transform("affine", cine.affine),)
    found = place(array, _own_transforms(image, array, cine), cine.shape[1:], target, what)
    other_phases = array.ndim == 4 and len(array) != cine.shape[0]
    if found is None or other_phases or _is_of_another_clip(array, image.affine, cine):
        raise InputError(
            f"{what} {path.name} is on another grid than the cine, as that of another patient or series is: {mend} "
            f"(it has {_grid_text(array.shape, image.affine)}; the cine has "
            f"{_grid_text(cine.shape, cine.affine)}{_geometry_text(cine)})."
        )
    placed, words = found
    numbers, notes = in_own_numbers(placed, image, what, choice, cine.is_echo)
    return numbers, (*([f"{what} {words}."] if words else []), *notes)


def named_as(what: str, path: Path, fault: InputError) -> InputError:
    """Return a fault of a file that says what the file is: the cine may have the same name.

    >>> named_as("The seed", Path("p1.nii.gz"), InputError("p1.nii.gz is cut short; copy it again."))
    InputError('The seed p1.nii.gz is cut short; copy it again.')
    """
    sentence = str(fault)
    return InputError(f"{what} {sentence}") if sentence.startswith(path.name) else fault


def _own_transforms(image: LabelImage, array: NDArray, cine: Cine) -> tuple[Transform, ...]:
    """Those of the drawing; without any, also the cine's own, where both files have the same order of voxels."""
    own, stored = image.transforms, cine.source.stored
    if stated(own) or stored is None or array.shape[:-4:-1] != stored[0]:
        return own
    return (*own, Transform(BY_VOXEL, stored[1]))


def _geometry_text(cine: Cine) -> str:
    """Words on a cine whose geometry is in doubt."""
    if not cine.source.transforms or (stated(cine.source.transforms) and len(cine.source.transforms) == 1):
        return ""
    return ", whose qform and sform differ" if stated(cine.source.transforms) else ", which has neither qform nor sform"


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
            raise InputError(
                "The seed has one phase and it is not known which: give it (--phase, or phase=..., counted from 0)."
            )
        whole = np.zeros(cine.shape, np.uint8)
        whole[phase] = labels
    elif phase is None:
        whole = labels
    else:
        whole = np.zeros_like(labels)
        whole[phase] = labels[phase]
    drawn = np.asarray(whole.any(axis=(2, 3)))
    if not drawn.any():
        where = "" if phase is None else f" at phase {phase}, counted from 0"
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


def _load(path: Path, cine: Cine, what: str, choice: Mapping[str, int] | None) -> LabelImage:
    from medvos.cine import mask_image, nifti, nrrd

    name = path.name.lower()
    images = ", or a PNG of one frame" if cine.shape[1] == 1 else ""
    with reading(path.name, "a label image"):
        if not path.is_file():
            fault = "is a folder" if path.is_dir() else "does not exist"
            raise InputError(f"{what} {path.name} {fault}: give a NIfTI or NRRD label image{images}.")
        if name.endswith((*nifti.SUFFIXES, *nrrd.SUFFIXES)):
            return read_label_image(path, choice)
        if name.endswith(mask_image.SUFFIXES) and cine.shape[1] == 1:
            # A choice for label images of several labels is not for it: white stays what it is, and is asked for.
            named = choice is not None and set(choice) != {str(LV)}
            mask, white = mask_image.load(path, (cine.shape[2], cine.shape[3]), keep_white=named)
            # In a cine, a label 3 alone has a note of its own.
            notes = (f"{what} {_WHITE_ON_BLACK}",) if white and choice is None and cine.is_echo else ()
            return LabelImage(mask, (Transform("affine", cine.affine),), notes=notes)
    kind = "is an image of one frame" if name.endswith(mask_image.SUFFIXES) else "is of an unknown kind"
    raise InputError(f"{what} {path.name} {kind}: give a NIfTI or NRRD label image{images}.")


def _grid_text(shape: tuple[int, ...], affine: Affine) -> str:
    """Size, spacing, first voxel and directions of a grid, in the order x, y, z."""
    sizes = " x ".join(str(n) for n in shape[:-4:-1]) + (f" x {shape[0]} phases" if len(shape) == 4 else "")
    spacing = " x ".join(f"{mm:.2f}" for mm in np.linalg.norm(affine[:3, :3], axis=0))
    origin = ", ".join(f"{mm:.1f}" for mm in affine[:3, 3])
    directions = ", ".join(direction_name(column) for column in affine[:3, :3].T)
    return f"{sizes} voxels of {spacing} mm from ({origin}) to {directions}"
