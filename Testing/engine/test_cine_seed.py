"""Seeds on their cine's grid."""

from __future__ import annotations

import nibabel
import nrrd
import numpy as np
import pytest
from cine_files import SHORT_AXIS, normal, write_stack

from medvos.cine import Cine, read, read_seed, seed_from_array
from medvos.cine.geometry import LPS_TO_RAS, dicom_affine, flipped
from medvos.cine.seed import read_labels
from medvos.errors import InputError

AFFINE = dicom_affine(np.array([5.0, 6, 7]), np.array(SHORT_AXIS), (1.5, 1.25), 8 * normal())
SHAPE = (4, 3, 10, 12)


@pytest.fixture
def cine() -> Cine:
    return Cine(np.zeros(SHAPE, np.float32), AFFINE, np.arange(4) * 200.0, 800.0)


@pytest.fixture
def labels() -> np.ndarray:
    array = np.zeros(SHAPE[1:], np.uint8)
    array[1, 2:5, 3:9] = 3
    array[1, 6, 3:6] = 7
    return array


def save(path, array, affine=AFFINE):
    nibabel.save(nibabel.Nifti1Image(array.T, affine), path)
    return path


def test_a_3d_seed_lands_on_its_phase(tmp_path, cine, labels):
    seed = read_seed(save(tmp_path / "s.nii.gz", labels), cine, 2)
    np.testing.assert_array_equal(seed.labels[2], labels)
    assert np.argwhere(seed.drawn).tolist() == [[2, 1]]
    assert seed.labels.dtype == np.uint8 and seed.labels.sum() == labels.sum()


def test_every_drawn_slice_of_a_4d_seed_counts(tmp_path, cine, labels):
    array = np.stack([labels, 0 * labels, labels[::-1], 0 * labels])
    seed = read_seed(save(tmp_path / "s.nii", array), cine)
    assert np.argwhere(seed.drawn).tolist() == [[0, 1], [2, 1]]


def test_of_a_4d_seed_one_phase_can_be_chosen(tmp_path, cine, labels):
    array = np.stack([labels, 0 * labels, labels, 0 * labels])
    assert np.argwhere(read_seed(save(tmp_path / "s.nii", array), cine, 2).drawn).tolist() == [[2, 1]]


def test_flipped_and_permuted_axes_match_through_the_affine(tmp_path, cine, labels):
    turned, affine = labels[::-1, :, ::-1], flipped(flipped(AFFINE, 0, 12), 2, 3)
    turned, affine = turned.transpose(1, 0, 2), affine[:, [0, 2, 1, 3]]
    seed = read_seed(save(tmp_path / "s.nii", turned, affine), cine, 0)
    np.testing.assert_array_equal(seed.labels[0], labels)


def test_a_seed_from_a_program_without_shear_fits_a_stack_that_drifts_a_little(tmp_path, labels):
    for z in range(4):
        place = z * (8 * normal() + 0.08 * 1.25 * np.array(SHORT_AXIS[:3]))
        write_stack(tmp_path / "cine" / str(z), slices=1, series=z + 1, origin=list(place), shape=SHAPE[2:])
    cine = read(tmp_path / "cine")
    assert not np.allclose(cine.affine[:3, 0] @ cine.affine[:3, 2], 0, atol=1e-2)
    straight = dicom_affine(np.zeros(3), np.array(SHORT_AXIS), (1.5, 1.25), 8 * normal())
    seed = read_seed(save(tmp_path / "s.nii", labels, straight), cine, 0)
    np.testing.assert_array_equal(seed.labels[0, :3], labels)


def test_a_nrrd_label_map_matches(tmp_path, cine, labels):
    lps = LPS_TO_RAS @ AFFINE
    header = {"space": "left-posterior-superior", "space directions": lps[:3, :3].T, "space origin": lps[:3, 3]}
    nrrd.write(str(tmp_path / "s.nrrd"), labels.T, header)
    np.testing.assert_array_equal(read_seed(tmp_path / "s.nrrd", cine, 1).labels[1], labels)


def test_whole_numbers_stored_as_floats_are_labels(tmp_path, cine, labels):
    seed = read_seed(save(tmp_path / "s.nii", labels.astype(np.float32)), cine, 0)
    np.testing.assert_array_equal(seed.labels[0], labels)


def test_another_grid_is_refused_with_both_grids(tmp_path, cine, labels):
    with pytest.raises(InputError, match=r"12 x 10 x 3 voxels of 2\.00 .* the cine has 12 x 10 x 3 x 4 phases"):
        read_seed(save(tmp_path / "s.nii", labels, np.diag([2.0, 2, 2, 1])), cine, 0)


def test_another_number_of_phases_is_refused(tmp_path, cine, labels):
    with pytest.raises(InputError, match=r"3 phases.*4 phases"):
        read_seed(save(tmp_path / "s.nii", np.stack([labels] * 3)), cine)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda array: array * 0, "no label"),
        (lambda array: array + 0.5, "not whole numbers"),
        (lambda array: array * np.float32(np.nan), "not whole numbers"),
        (lambda array: array.astype(np.int16) - 1, "outside 0 to 255"),
        (lambda array: array.astype(np.int16) * 300, r"labels 900, 2100 .*--labels"),
    ],
)
def test_what_is_no_label_image_is_refused(tmp_path, cine, labels, change, message):
    with pytest.raises(InputError, match=message):
        read_seed(save(tmp_path / "s.nii", change(labels)), cine, 0)


@pytest.mark.parametrize("phase", [-1, 4, 99])
def test_a_phase_out_of_range_is_refused_with_the_range(cine, labels, phase):
    with pytest.raises(InputError, match="phases 0 to 3"):
        seed_from_array(labels, cine, phase)


def test_a_3d_seed_without_its_phase_is_refused_with_how_to_give_it(cine, labels):
    with pytest.raises(InputError, match="--phase"):
        seed_from_array(labels, cine)


def test_an_array_of_another_shape_is_refused(cine, labels):
    with pytest.raises(InputError, match="shape"):
        seed_from_array(labels[:, :5], cine, 0)


def test_a_file_that_is_missing_or_no_image_is_refused(tmp_path, cine):
    with pytest.raises(InputError, match="does not exist"):
        read_seed(tmp_path / "s.nii", cine, 0)
    (tmp_path / "s.png").write_bytes(b"x")
    with pytest.raises(InputError, match="image of one frame"):
        read_seed(tmp_path / "s.png", cine, 0)


def test_a_grid_turned_about_is_refused_with_its_directions(tmp_path, cine, labels):
    turned = AFFINE @ np.diag([-1.0, -1, 1, 1])
    with pytest.raises(InputError, match=r"to right.* the cine has .* to left") as refusal:
        read_seed(save(tmp_path / "s.nii", labels, turned), cine, 0)
    assert "\n" not in str(refusal.value)


def test_a_picture_in_the_place_of_a_seed_is_refused(cine):
    image = np.arange(np.prod(SHAPE[1:])).reshape(SHAPE[1:]) % 200
    with pytest.raises(InputError, match="199 different labels"):
        seed_from_array(image.astype(np.uint8), cine, 0)


def test_a_drawing_of_a_cut_clip_is_not_taken_for_the_corner_of_the_whole(tmp_path):
    affine = np.diag([-1.0, -1.0, 1.0, 1.0])
    clip = Cine(np.zeros((4, 1, 40, 60), np.float32), affine, np.arange(4) * 20.0, 80.0)
    with pytest.raises(InputError, match="30 x 20 x 1 voxels"):
        read_seed(save(tmp_path / "s.nii.gz", np.full((1, 20, 30), 3, np.uint8), affine), clip, 0)
    placed = affine.copy()
    placed[:2, 3] = -5, -7
    seed = read_seed(save(tmp_path / "s.nii.gz", np.full((1, 20, 30), 3, np.uint8), placed), clip, 0)
    assert np.argwhere(seed.labels[0, 0])[0].tolist() == [7, 5]


def test_a_segmentation_is_of_all_phases(tmp_path, cine, labels):
    whole = np.stack([labels] * cine.shape[0])
    assert (read_labels(save(tmp_path / "s.nii", whole), cine) == whole).all()
    with pytest.raises(InputError, match="of one phase: give the segmentation of all 4 phases"):
        read_labels(save(tmp_path / "one.nii", labels), cine)


@pytest.mark.parametrize("thickness", [8.0, 1.0])
def test_a_2d_drawing_lies_on_the_slice_that_its_transform_tells(tmp_path, cine, labels, thickness):
    affine = AFFINE.copy()
    affine[:3, 2] *= thickness / 8
    affine[:3, 3] = (AFFINE @ [0, 0, 1, 1])[:3]
    seed = read_seed(save(tmp_path / "s.nii.gz", labels[1], affine), cine, 0)
    np.testing.assert_array_equal(seed.labels[0], labels)


def test_a_2d_drawing_on_no_slice_is_refused(tmp_path, cine, labels):
    affine = AFFINE.copy()
    affine[:3, 3] = (AFFINE @ [0, 0, 1.5, 1])[:3]
    with pytest.raises(InputError, match=r"another grid.*has 12 x 10 x 1 voxels"):
        read_seed(save(tmp_path / "s.nii.gz", labels[1], affine), cine, 0)


def test_a_2d_drawing_without_a_third_axis_is_refused(tmp_path, cine, labels):
    affine = AFFINE.copy()
    affine[:3, 2] = 0
    path = save(tmp_path / "s.nii.gz", labels[1])
    image = nibabel.load(path)
    image.header.set_sform(affine, 1)
    image.header["qform_code"] = 0
    nibabel.save(nibabel.Nifti1Image(np.asarray(image.dataobj), None, image.header), path)
    with pytest.raises(InputError, match="2D image that does not tell on which slice it lies"):
        read_seed(path, cine, 0)
