"""Read a label image of any format with all that it says of its labels, and give them medvos' own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.anatomy import enclosing_pairs, slices_of
from medvos.cine.geometry import Affine
from medvos.cine.guard import reading
from medvos.cine.label_choice import LEFT_OUT, OTHER, as_text, read_choice
from medvos.cine.label_meaning import HOUSE, Meaning, by_anatomy, check_named, chosen_against, free_number
from medvos.cine.label_names import Part, part_named
from medvos.cine.label_parts import by_parts
from medvos.cine.labels import label_numbers, whole_numbers
from medvos.cine.transforms import Transform
from medvos.errors import InputError
from medvos.structures import LV, MYO, RV

# Time and memory grow with each structure; a file with more labels is an image and not a drawing.
MOST_STRUCTURES = 32


@dataclass(frozen=True)
class LabelImage:
    """Labels as stored, and what the file says of them.

    Attributes
    ----------
    labels: (T, Z, Y, X) or (Z, Y, X) integers.
    transforms: that it may be read with, the one to use first.
    parts: what the name of each label means, None for a name that is not known; {} where the file names none.
    names: of the labels.
    stated: what medvos itself wrote the labels to be: label to label of `medvos.structures`.
    sure: whether `stated` needs no look at the drawing, because the module wrote it for this run.
    step: between phases, in `unit`; 0 and '' where it is not known.
    """

    labels: NDArray
    transforms: tuple[Transform, ...]
    parts: dict[int, Part | None] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    stated: dict[int, int] | None = None
    sure: bool = False
    notes: tuple[str, ...] = ()
    step: float = 0.0
    unit: str = ""

    @property
    def affine(self) -> Affine:
        """(4, 4) from voxel (x, y, z, 1) to RAS mm."""
        return self.transforms[0].affine


def read_label_image(path: Path, choice: Mapping[str, int] | None = None) -> LabelImage:
    """Read a NIfTI or NRRD label image; `choice` as `medvos.cine.label_choice.read_choice` returns it.

    Raises
    ------
    InputError: it is damaged, is no label image, or has segments that cannot be told apart.
    """
    from medvos.cine import nifti, nrrd

    name = path.name.lower()
    if name.endswith(nrrd.SUFFIXES):
        return _of_nrrd(path, choice)
    volume = nifti.load_volume(path)
    labels = whole_numbers(volume.voxels, path.name)
    stated = {n: n for n in HOUSE} if volume.house_labels else None
    parts, names = _described(path)
    return LabelImage(
        labels, volume.transforms, parts, names, stated, step=volume.step, unit=volume.unit if volume.step else ""
    )


def in_own_numbers(
    labels: NDArray,
    image: LabelImage,
    what: str,
    choice: Mapping[str, int] | None = None,
    echo: bool = False,
    ignored: int | None = None,
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return labels (..., Y, X) of `image`, whose last two axes are a slice, in medvos' numbers, and notes.

    Parameters
    ----------
    labels: of the image, or a part of them or on another grid.
    what: such as "The seed", for notes and errors.
    choice: what the user says; it overrides names and anatomy.
    echo: whether this is a clip.
    ignored: a label that is kept and means nothing.

    Raises
    ------
    InputError: it is in doubt what a label is, or there are too many.
    """
    seen = labels if ignored is None else np.where(labels == ignored, 0, labels)
    present = (
        [int(n) for n in np.flatnonzero(np.bincount(seen.ravel()))]
        if seen.dtype == np.uint8
        else [int(n) for n in np.unique(seen)]
    )
    present = [n for n in present if n]
    if any(n < 0 for n in present) or len(present) > MOST_STRUCTURES:
        label_numbers(labels, what)
        raise InputError(
            f"{what} holds {len(present)} different labels, more than {MOST_STRUCTURES}: give a drawing, not an image."
        )
    meaning = _meaning(seen, present, image, what, choice, echo)
    numbers = meaning.numbers if ignored is None else {**meaning.numbers, ignored: ignored}
    return _renumbered(labels, numbers, what), (*image.notes, *meaning.notes)


def _meaning(
    labels: NDArray, present: list[int], image: LabelImage, what: str, choice: Mapping[str, int] | None, echo: bool
) -> Meaning:
    if not present:
        return Meaning({})
    if choice is not None:
        meaning = _as_chosen(present, image, choice, what)
        _refuse_swapped(labels, meaning.numbers, what)
        doubts = chosen_against(labels, meaning.numbers, image.stated, what)
        return Meaning(meaning.numbers, (*meaning.notes, *doubts))
    if image.stated is not None:
        numbers = {n: image.stated.get(n, n) for n in present}
        if not image.sure:
            check_named(labels, numbers, {}, what, sure=True)
        return Meaning(numbers)
    parts = {n: image.parts.get(n) for n in present}
    if any(part is not None for part in parts.values()):
        return by_parts(labels, parts, image.names, what)
    if image.parts:  # named, but not by names that are known: numbers are then in the order of drawing
        return by_anatomy(labels, _with_names(what, present, image.names), echo, numbered=False)
    return by_anatomy(labels, what, echo)


def _refuse_swapped(labels: NDArray, numbers: Mapping[int, int], what: str) -> None:
    """Refuse a choice by which the wall encloses the RV and the LV lies beside it.

    Other choices are followed against how the labels lie, with a note. This one is what other numbers give that were
    copied from somewhere, and each of its measures would be of the other ventricle.
    """
    slices = slices_of(labels)
    masks = {structure: np.isin(slices, [n for n in numbers if numbers[n] == structure]) for structure in (LV, MYO, RV)}
    if all(mask.any() for mask in masks.values()) and enclosing_pairs(masks) == [(MYO, RV)]:
        right = {n: {LV: RV, RV: LV}.get(meant, meant) for n, meant in numbers.items()}
        raise InputError(
            f"By --labels, the myocardium of {what[:1].lower()}{what[1:]} encloses the RV, and the LV lies outside of "
            f"it: give --labels {as_text(right)}."
        )


def _as_chosen(present: list[int], image: LabelImage, choice: Mapping[str, int], what: str) -> Meaning:
    """The meaning that the user gives; labels that are not named stay, but for those that would be taken for others."""
    from medvos.cine.label_choice import key_of

    numbers: dict[int, int] = {}
    for n in present:
        keys = [str(n)] + ([key_of(image.names[n])] if n in image.names else [])
        meant = next((choice[key] for key in keys if key in choice), None)
        if meant is not None:
            numbers[n] = meant
    listed = ", ".join(f"{n} '{image.names[n]}'" if n in image.names else str(n) for n in present)
    if not numbers:
        raise InputError(f"{what} has none of the labels that --labels names: it has {listed}.")
    taken = [meant for meant in numbers.values() if meant > 0]
    for n in present:
        if n in numbers and numbers[n] != OTHER:
            continue
        if n not in numbers and n in HOUSE:
            raise InputError(
                f"{what} has label {n}, which --labels does not name: name it too, as none={n} to leave it out or as "
                f"other={n} to keep it as another structure."
            )
        free = n if n > max(HOUSE) and n < 255 and n not in taken else free_number([*taken, *present])
        numbers[n] = free
        taken.append(free)
    return Meaning(numbers)


def _renumbered(labels: NDArray, numbers: Mapping[int, int], what: str) -> NDArray[np.uint8]:
    if all(n == meant for n, meant in numbers.items()):
        return label_numbers(labels, what)
    result = np.zeros(labels.shape, np.int32)
    for n, meant in numbers.items():
        if meant != LEFT_OUT:
            result[labels == n] = meant
    return label_numbers(result, what)


def _of_nrrd(path: Path, choice: Mapping[str, int] | None) -> LabelImage:
    from medvos.cine import nrrd
    from medvos.cine.segments import flat, has_segments, segments_of

    header, voxels = nrrd.load_with_header(path)
    if has_segments(header):
        with reading(path.name, "NRRD"):
            voxels, affine = nrrd.load_layers(path, header, voxels)
            found = flat(whole_numbers(voxels, path.name), segments_of(header, path.name, choice), path.name, choice)
        return LabelImage(found.labels, (Transform("affine", affine),), found.parts, found.names, notes=found.notes)
    array, affine, timing = nrrd.load(path)
    stated = None
    if nrrd.LABELS in header:
        with reading(path.name, "NRRD"):
            stated = {int(n): meant for n, meant in (read_choice(str(header[nrrd.LABELS])) or {}).items()}
    parts, names = _described(path)
    step = 0.0 if timing is None or not timing.known else timing.period / len(timing.times)
    labels = whole_numbers(array, path.name)
    return LabelImage(
        labels,
        (Transform("affine", affine),),
        parts,
        names,
        stated,
        stated is not None,
        step=step,
        unit="ms" if step else "",
    )


def _described(path: Path) -> tuple[dict[int, Part | None], dict[int, str]]:
    """What a description beside the image says, where at least one of its names is known."""
    from medvos.cine.label_description import names_beside

    names = names_beside(path)
    parts = {n: part_named(text) for n, text in names.items()}
    return (parts, names) if any(part is not None for part in parts.values()) else ({}, {})


def _with_names(what: str, present: list[int], names: Mapping[int, str]) -> str:
    named = ", ".join(f"{n} '{names[n]}'" for n in present[:8] if n in names)
    return f"{what} (segments {named})" if named else what
