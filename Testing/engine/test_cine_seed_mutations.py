"""A drawing in every disguise: read as what was drawn, refused in one sentence, or told in a note; never another."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
from label_drawings import AFFINE, HOUSE, a_cine, save_segments

from medvos.cine import read, read_seed
from medvos.cine.geometry import flipped
from medvos.errors import InputError

NAMES = {3: ("LV", "left ventricle", "LV blood pool", "endo", "Segment_1"),
         2: ("Myocardium", "LV wall", "LVM", "epicardium", "Segment_2"),
         1: ("RV", "rechter Ventrikel", "RV cavity", "VD", "Segment_3")}  # fmt: skip
KEPT = [(1, 2, 3), (2, 3), (1, 2), (1, 3), (1,), (2,), (3,)]
CODES = [(1, 1), (0, 1), (1, 0), (1, 2), (2, 4), (0, 0)]


def moved_cine(path, codes, draw):
    """A cine whose sform was moved by whole or broken voxels where its code is above 1."""
    image = nib.Nifti1Image(a_cine().array.T.astype(np.int16), AFFINE)
    image.set_qform(AFFINE, codes[0])
    sform = AFFINE.copy()
    if codes[1] > 1:
        sform[:3, 3] += AFFINE[:3, :3] @ draw.choice([-2, -1, 0, 0.5, 1, 2, 30], 3)
    image.set_sform(sform, codes[1])
    nib.save(image, path)
    return read(path)


@pytest.mark.parametrize("number", range(120))
def test_a_drawing_is_never_taken_for_another(tmp_path, number):
    draw = np.random.default_rng(number)
    kept, codes = KEPT[draw.integers(len(KEPT))], CODES[draw.integers(len(CODES))]
    cine = moved_cine(tmp_path / "cine.nii.gz", codes, draw)
    wanted = np.where(np.isin(HOUSE, kept), HOUSE, 0)
    new = draw.permutation(draw.choice([1, 2, 3, 1, 2, 3, 4, 5, 100, 200, 255], 40))[:40]
    numbers = dict(zip((1, 2, 3), dict.fromkeys(int(n) for n in new), strict=False))
    stored = np.zeros(HOUSE.shape, np.uint8)
    for structure, value in numbers.items():
        stored[wanted == structure] = value
    if draw.random() < 0.5:
        affine, axis = AFFINE, int(draw.integers(3))
        if draw.random() < 0.5:
            stored, affine = np.flip(stored, 2 - axis), flipped(AFFINE, axis, HOUSE.shape[2 - axis])
        image = nib.Nifti1Image(np.ascontiguousarray(stored).T, affine)
        path = tmp_path / "seed.nii.gz"
        nib.save(image, path)
    else:
        names = [NAMES[structure][draw.integers(5)] for structure in kept]
        if draw.random() < 0.3:
            names = list(draw.permutation(names))
        segments = [
            {"Name": str(name), "LabelValue": numbers[structure]} for structure, name in zip(kept, names, strict=True)
        ]
        path = save_segments(tmp_path / "seed.seg.nrrd", stored, segments)
    try:
        seed = read_seed(path, cine, 1)
    except InputError as refusal:
        assert "\n" not in str(refusal)
        return
    found = seed.labels[1] if codes != (0, 0) else seed.labels[1][::-1]
    same = np.array_equal(found, wanted)
    # Numbers of the user's own are kept; a name that says another structure of the same form cannot be seen through.
    own = all(n > 3 for n in np.unique(found[found != wanted]) if n)
    assert same or own or seed.notes or (path.name == "seed.seg.nrrd" and len(kept) < 3), (kept, numbers, seed.notes)
