"""Mutations of the label image of a drawing: its numbers, names and grid."""

from __future__ import annotations

import numpy as np

from medvos_lab.mutations.mutation import Chance, On, mutation
from medvos_lab.mutations.volume import LPS, Volume, flipped
from medvos_lab.mutations.volume_images import GEOMETRY

LABELS = r"labels?|LV|RV|ventricle|myocardium|structure|names?|segment"


def _renumbered(volume: Volume, numbers: dict[int, int]) -> None:
    table = np.zeros(256, np.uint8)
    for old, new in numbers.items():
        table[old] = new
    volume.labels = table[volume.labels]


@mutation("seeds", LABELS, On.SEED)
def labels_lv_myo_rv(volume: Volume, chance: Chance) -> None:
    """1 LV, 2 myocardium, 3 RV, as M&Ms and CMRxMotion number them; nothing names them."""
    _renumbered(volume, {1: 3, 2: 2, 3: 1})


@mutation("seeds", LABELS, On.SEED)
def labels_at_random(volume: Volume, chance: Chance) -> None:
    """Numbers in the order in which they were drawn, nothing names them."""
    numbers = chance.permutation([1, 2, 3])
    _renumbered(volume, {k + 1: int(number) for k, number in enumerate(numbers)})


@mutation("seeds", LABELS, On.SEED)
def labels_beyond_three(volume: Volume, chance: Chance) -> None:
    """UK Biobank's and others' numbers: 500, 600, 200, or 10, 20, 30."""
    _renumbered(volume, {1: 30, 2: 20, 3: 10})


@mutation("seeds", LABELS, On.SEED)
def segments_in_another_order(volume: Volume, chance: Chance) -> None:
    """3D Slicer numbers segments as they were drawn and names them, in some language."""
    words = [
        {"RV": "RV", "Myo": "Myocardium", "LV": "LV"},
        {"RV": "right ventricle", "Myo": "LV wall", "LV": "left ventricle"},
        {"RV": "Rechter Ventrikel", "Myo": "Myokard", "LV": "Linker Ventrikel"},
        {"RV": "ventrículo derecho", "Myo": "miocardio", "LV": "ventrículo izquierdo"},
        {"RV": "RV blood pool", "Myo": "LV_myo", "LV": "LV blood pool"},
        {"RV": "VD", "Myo": "Myocarde", "LV": "VG"},
    ][int(chance.integers(6))]
    order = [int(number) for number in chance.permutation([1, 2, 3])]
    _renumbered(volume, {k + 1: number for k, number in enumerate(order)})
    names = {number: words[name] for number, name in zip(order, ("RV", "Myo", "LV"), strict=True)}
    volume.label_format, volume.label_names = "seg.nrrd", dict(sorted(names.items()))


@mutation("seeds", LABELS, On.SEED)
def one_segment_of_a_name(volume: Volume, chance: Chance) -> None:
    """One segment, label 1, called left ventricle."""
    name = str(chance.choice(["left ventricle", "LV", "LV endo", "Left Ventricle Blood Pool", "lv_cavity"]))
    volume.labels = (volume.labels == 3).astype(np.uint8)
    volume.label_format, volume.label_names = "seg.nrrd", {1: name}
    volume.drawn = (3,)


@mutation("seeds", LABELS, On.SEED)
def one_label_without_a_name(volume: Volume, chance: Chance) -> None:
    """The LV alone was drawn, as label 1 or 255 of a mask; nothing names it."""
    volume.labels = (volume.labels == 3).astype(np.uint8) * int(chance.choice([1, 255]))
    volume.drawn = (3,)


@mutation("seeds", LABELS, On.SEED)
def segments_without_names(volume: Volume, chance: Chance) -> None:
    """Segments that still have 3D Slicer's own names, Segment_1 and so on."""
    _renumbered(volume, {1: 3, 2: 2, 3: 1})
    volume.label_format, volume.label_names = "seg.nrrd", {1: "Segment_1", 2: "Segment_2", 3: "Segment_3"}


@mutation("seeds", LABELS + "|whole", On.SEED)
def labels_with_rounding(volume: Volume, chance: Chance) -> None:
    """float labels, whole but for rounding."""
    volume.labels = volume.labels.astype(np.float32) + np.where(volume.labels > 0, 4e-6, 0).astype(np.float32)


@mutation("seeds", LABELS + "|whole", On.SEED)
def labels_interpolated(volume: Volume, chance: Chance) -> None:
    """Labels that were resampled linearly: fractions at every border."""
    from scipy import ndimage

    volume.labels = ndimage.uniform_filter(volume.labels.astype(np.float32), (3, 3, 1))


@mutation("seeds", LABELS + "|grid|geometr", On.SEED)
def seed_with_axes_in_any_order(volume: Volume, chance: Chance) -> None:
    """A program that reorients to RAS writes the drawing with axes flipped; its affine says so."""
    labels, affine = volume.labels, volume.affine.copy()
    for axis in range(3):
        if chance.random() < 0.5:
            labels = flipped(labels, affine, axis)
    order = chance.permutation(3)
    volume.labels = np.ascontiguousarray(labels.transpose(order))
    affine[:3, :3] = affine[:3, order]
    volume.label_affine = affine


@mutation("seeds", LABELS + "|" + GEOMETRY, On.SEED)
def seed_of_a_program_without_the_geometry(volume: Volume, chance: Chance) -> None:
    """The drawing lost its geometry: identity, or sizes alone."""
    sizes = np.linalg.norm(volume.affine[:3, :3], axis=0)
    volume.label_affine = np.diag([*(sizes if chance.random() < 0.5 else np.ones(3)), 1.0]) @ (
        LPS if chance.random() < 0.5 else np.eye(4)
    )


@mutation("seeds", LABELS + "|" + GEOMETRY, On.SEED)
def seed_shifted_by_slices(volume: Volume, chance: Chance) -> None:
    """The drawing's origin is off by a slice and some pixels: it lies elsewhere, or on another grid."""
    affine = volume.affine.copy()
    affine[:3, 3] += affine[:3, 2] * 0.5 + affine[:3, 0] * 3
    volume.label_affine = affine


@mutation("seeds", LABELS, On.SEED)
def seed_cut_to_what_is_drawn(volume: Volume, chance: Chance) -> None:
    """3D Slicer stores the box of what is drawn, with names."""
    box = np.argwhere(volume.labels)
    low, high = box.min(0), box.max(0) + 1
    volume.labels = volume.labels[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    affine = volume.affine.copy()
    affine[:3, 3] = (volume.affine @ [*low, 1])[:3]
    volume.label_affine, volume.label_format = affine, "seg.nrrd"
    volume.label_names = {1: "RV", 2: "Myocardium", 3: "LV"}


@mutation("seeds", LABELS, On.SEED)
def seed_of_all_phases(volume: Volume, chance: Chance) -> None:
    """4D, empty but at the drawn phase."""
    whole = np.zeros((*volume.labels.shape, volume.array.shape[3]), np.uint8)
    whole[..., volume.phase] = volume.labels
    volume.labels = whole
