"""NIfTI without a transform or with two, and drawings that lie on one of them."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
from label_drawings import AFFINE, HOUSE, SHAPE, a_cine, drawing, save_nifti, save_segments

from medvos.cine import read, read_seed
from medvos.errors import InputError


def moved(*mm: float) -> np.ndarray:
    affine = AFFINE.copy()
    affine[:3, 3] += mm
    return affine


MOVED = moved(12, -7, 5)
SIZE = np.linalg.norm(AFFINE[:3, :3], axis=0)
ITK_WITHOUT = np.diag([-SIZE[0], -SIZE[1], SIZE[2], 1])


def save_cine(path, codes, qform=AFFINE, sform=AFFINE):
    image = nib.Nifti1Image(a_cine().array.T.astype(np.int16), AFFINE)
    image.header.set_xyzt_units("mm", "msec")
    image.header["pixdim"][4] = 200
    image.set_qform(qform, codes[0])
    image.set_sform(sform, codes[1])
    nib.save(image, path)
    return read(path)


def drawn_at(seed):
    return seed.labels[1], seed.notes


@pytest.mark.parametrize("codes", [(1, 1), (1, 2), (2, 4), (3, 3)])
@pytest.mark.parametrize("on", [AFFINE, MOVED])
def test_a_drawing_on_either_of_two_transforms_is_taken(tmp_path, codes, on):
    cine = save_cine(tmp_path / "cine.nii", codes, sform=MOVED)
    assert "qform and an sform that differ by up to 14.8 mm: the sform was used" in cine.source.notes[-1]
    labels, notes = drawn_at(read_seed(save_nifti(tmp_path / "s.nii.gz", HOUSE, on), cine, 1))
    np.testing.assert_array_equal(labels, HOUSE)
    assert bool(notes) == (on is AFFINE)
    assert not notes or "the cine's qform" in notes[0]


def test_a_drawing_on_neither_is_refused_for_the_transforms(tmp_path):
    cine = save_cine(tmp_path / "cine.nii", (1, 2), sform=MOVED)
    other = moved(3, 0, 0)
    with pytest.raises(InputError, match="qform and sform differ"):
        read_seed(save_nifti(tmp_path / "s.nii", HOUSE, other), cine, 1)


@pytest.mark.parametrize("codes", [(1, 0), (0, 1), (4, 0), (0, 2)])
def test_one_transform_is_enough(tmp_path, codes):
    cine = save_cine(tmp_path / "cine.nii", codes)
    assert not cine.source.notes
    assert not drawn_at(read_seed(save_nifti(tmp_path / "s.nii", HOUSE), cine, 1))[1]


@pytest.mark.parametrize("affine", [ITK_WITHOUT, np.diag([*SIZE, 1.0])])
def test_a_drawing_on_a_cine_without_transforms_lies_where_its_program_put_it(tmp_path, affine):
    cine = save_cine(tmp_path / "cine.nii", (0, 0))
    assert "neither qform nor sform" in cine.source.notes[-1]
    labels, notes = drawn_at(read_seed(save_nifti(tmp_path / "s.nii", HOUSE, affine), cine, 1))
    np.testing.assert_array_equal(labels[::-1], HOUSE)  # the slices of the cine run along its normal
    assert "first voxel at 0" in notes[0]
    with pytest.raises(InputError, match="neither qform nor sform"):
        read_seed(save_nifti(tmp_path / "t.nii", HOUSE), cine, 1)


def test_a_drawing_without_transforms_is_taken_voxel_by_voxel_with_a_note(tmp_path):
    for codes in ((0, 0), (1, 1)):
        cine = save_cine(tmp_path / "cine.nii", codes)
        seed = save_nifti(tmp_path / "s.nii", HOUSE, np.eye(4), (0, 0))
        labels, notes = drawn_at(read_seed(seed, cine, 1))
        np.testing.assert_array_equal(labels if codes == (1, 1) else labels[::-1], HOUSE)
        assert "voxel by voxel" in notes[0]
    with pytest.raises(InputError, match="another grid"):
        read_seed(save_nifti(tmp_path / "t.nii", HOUSE[:, 1:], np.eye(4), (0, 0)), cine, 1)


def test_a_drawing_that_fits_at_two_places_is_refused(tmp_path):
    """Cut to what is drawn, on a cine whose sform is moved by a whole slice."""
    cine = save_cine(tmp_path / "cine.nii", (1, 2), sform=AFFINE + np.outer(AFFINE[:, 2], [0, 0, 0, 1.0]))
    part = AFFINE.copy()
    part[:, 3] = AFFINE @ [0, 0, 2, 1]
    with pytest.raises(InputError, match=r"two places, on the cine's .form and on the cine's .form"):
        read_seed(save_nifti(tmp_path / "s.nii", HOUSE[2:3], part), cine, 1)


def test_a_drawing_with_the_two_transforms_of_its_cine_lies_voxel_by_voxel(tmp_path):
    cine = save_cine(tmp_path / "cine.nii", (1, 2), sform=AFFINE + np.outer(AFFINE[:, 2], [0, 0, 0, 1.0]))
    image = nib.Nifti1Image(HOUSE.T, AFFINE, nib.load(tmp_path / "cine.nii").header)
    image.set_qform(AFFINE, 1)
    image.set_sform(AFFINE + np.outer(AFFINE[:, 2], [0, 0, 0, 1.0]), 2)
    nib.save(image, tmp_path / "s.nii")
    labels, notes = drawn_at(read_seed(tmp_path / "s.nii", cine, 1))
    np.testing.assert_array_equal(labels, HOUSE)
    assert not notes


def test_a_scaled_sform_does_not_change_volumes(tmp_path):
    """A registration to a template has other voxel sizes than the scanner."""
    cine = save_cine(tmp_path / "cine.nii", (1, 4), sform=AFFINE @ np.diag([1.2, 1.2, 1.2, 1]))
    np.testing.assert_allclose(cine.spacing, SIZE[::-1], rtol=1e-5)
    assert "voxels of 1.73 times the volume" in cine.source.notes[-1] and "qform was used" in cine.source.notes[-1]


def test_segments_of_slicer_lie_on_the_transform_that_slicer_reads(tmp_path):
    cine = save_cine(tmp_path / "cine.nii", (1, 2), sform=MOVED)
    path = save_segments(tmp_path / "s.seg.nrrd", drawing(1, 2, 3), [{"Name": name} for name in ("LV", "Myo", "RV")])
    labels, notes = drawn_at(read_seed(path, cine, 1))
    np.testing.assert_array_equal(labels, HOUSE)
    assert "the cine's qform" in notes[0]
    assert cine.shape == SHAPE


def test_voxel_sizes_that_contradict_the_only_transform_are_said(tmp_path):
    path = tmp_path / "x.nii"
    assert "pixdim" not in " ".join(save_cine(path, (0, 1)).source.notes)
    content = bytearray(path.read_bytes())
    content[80:92] = (2 * np.frombuffer(bytes(content[80:92]), np.float32)).tobytes()
    path.write_bytes(content)
    assert "pixdim) give 8.00 times the volume of those by the sform" in " ".join(read(path).source.notes)
