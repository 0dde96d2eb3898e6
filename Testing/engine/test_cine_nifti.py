"""NIfTI files."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest
from cine_files import SHORT_AXIS, normal

from medvos.cine import read
from medvos.cine.geometry import dicom_affine, flipped
from medvos.errors import InputError

AFFINE = dicom_affine(np.array([5.0, 6, 7]), np.array(SHORT_AXIS), (1.5, 1.25), 8 * normal())
ARRAY = np.random.default_rng(0).integers(0, 500, (6, 3, 10, 12)).astype(np.int16)


def save(path, array=ARRAY, affine=AFFINE, step=40.0, unit="msec"):
    image = nibabel.Nifti1Image(array.T, affine)
    image.header.set_xyzt_units("mm", unit)
    if array.ndim > 3:
        image.header["pixdim"][4] = step
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize("name", ["x.nii", "x.nii.gz"])
def test_array_affine_and_times_are_kept(tmp_path, name):
    cine = read(save(tmp_path / name))
    np.testing.assert_array_equal(cine.array, ARRAY)
    np.testing.assert_allclose(cine.affine, AFFINE, atol=1e-5)
    np.testing.assert_allclose(cine.times, np.arange(6) * 40.0)
    assert cine.period == 240 and cine.source.kind == "nifti"


def test_seconds_are_understood(tmp_path):
    assert read(save(tmp_path / "x.nii", step=0.05, unit="sec")).period == pytest.approx(300)


def test_scaled_values_are_scaled(tmp_path):
    image = nibabel.Nifti1Image(ARRAY.T, AFFINE)
    image.header.set_slope_inter(2.0, -5.0)
    nibabel.save(image, tmp_path / "x.nii")
    cine = read(tmp_path / "x.nii")
    stored = np.asanyarray(nibabel.load(tmp_path / "x.nii").dataobj).T
    np.testing.assert_allclose(cine.array, stored)


def test_slices_against_the_normal_are_reversed_in_place(tmp_path):
    against = flipped(AFFINE, 2, 3)
    cine = read(save(tmp_path / "x.nii", ARRAY[:, ::-1], against))
    np.testing.assert_array_equal(cine.array, ARRAY)
    np.testing.assert_allclose(cine.affine, AFFINE, atol=1e-4)


def test_time_on_the_fifth_axis_is_found(tmp_path):
    assert read(save(tmp_path / "x.nii", ARRAY[:, None])).shape == ARRAY.shape


def test_a_volume_without_time_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"x\.nii is a 3D image without a time axis"):
        read(save(tmp_path / "x.nii", ARRAY[0]))
    with pytest.raises(InputError, match=r"x\.nii is a single 2D image without a time axis"):
        read(save(tmp_path / "x.nii", ARRAY[0, 0]))


def test_one_phase_is_refused(tmp_path):
    with pytest.raises(InputError, match="one phase only"):
        read(save(tmp_path / "x.nii", np.tile(ARRAY[:1], (1, 1, 1, 1))))


def test_pixels_that_are_not_numbers_are_refused_with_their_place(tmp_path):
    array = ARRAY.astype(np.float32)
    array[2, 1, 3, 3] = np.nan
    with pytest.raises(InputError, match="Phase 3, slice 2 "):
        read(save(tmp_path / "x.nii", array))


@pytest.mark.parametrize("name", ["x.nii", "x.nii.gz"])
def test_a_truncated_file_is_refused_by_name(tmp_path, name):
    path = save(tmp_path / name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=name):
        read(path)


@pytest.mark.parametrize("name", ["x.nii", "x.nii.gz"])
def test_absurd_dimensions_are_refused_before_memory_is_taken(tmp_path, name):
    path = save(tmp_path / name)
    image = nibabel.load(path)
    header = image.header.copy()
    header["dim"][1:5] = 32000
    fake = tmp_path / f"fake-{name}"
    with nibabel.openers.ImageOpener(fake, "wb") as file:
        file.write(header.binaryblock + b"\0" * 5000)
    with pytest.raises(InputError, match="cut short"):
        read(fake)


def test_colours_are_refused(tmp_path):
    colour = np.zeros((12, 10, 3, 6), np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")]))
    nibabel.save(nibabel.Nifti1Image(colour, AFFINE), tmp_path / "x.nii")
    with pytest.raises(InputError, match="grey"):
        read(tmp_path / "x.nii")


def test_an_impossible_affine_is_refused(tmp_path):
    path = save(tmp_path / "x.nii")
    content = bytearray(path.read_bytes())
    content[280:328] = bytes(48)  # the three rows of the sform
    path.write_bytes(content)
    with pytest.raises(InputError, match="geometry"):
        read(path)


@pytest.mark.parametrize("name", ["CINE.NII.GZ", "Cine.Nii.Gz", "CINE.NII", "plain.nii.gz", "packed.nii", "CINE.HDR"])
def test_the_content_tells_how_a_file_is_packed(tmp_path, name):
    """Names in capitals, an unpacked file under a packed name, and the other way round."""
    stored = {"plain.nii.gz": "x.nii", "packed.nii": "x.nii.gz", "CINE.HDR": "x.hdr"}.get(name, "x" + name[4:].lower())
    save(tmp_path / stored).rename(tmp_path / name)
    if name == "CINE.HDR":
        (tmp_path / "x.img").rename(tmp_path / "CINE.IMG")
    np.testing.assert_array_equal(read(tmp_path / name).array, ARRAY)


def test_nifti_2_is_read_like_nifti_1(tmp_path):
    image = nibabel.Nifti2Image(ARRAY.T, AFFINE)
    for name in ("x.nii", "x.nii.gz"):
        nibabel.save(image, tmp_path / name)
        np.testing.assert_array_equal(read(tmp_path / name).array, ARRAY)


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("intent", ["none", "vector"])
def test_components_on_the_fifth_axis_are_no_phases(tmp_path, count, intent):
    image = nibabel.Nifti1Image(ARRAY[:count, None].T, AFFINE)
    image.header.set_intent(intent)
    nibabel.save(image, tmp_path / "x.nii")
    with pytest.raises(InputError, match="components a voxel, such as colours or vectors"):
        read(tmp_path / "x.nii")


@pytest.mark.parametrize(("unit", "scale"), [("meter", 1e-3), ("micron", 1e3), ("meter", 1.0)])
def test_sizes_in_other_units_become_mm_where_they_are_none(tmp_path, unit, scale):
    affine = np.diag([1.4 * scale, 1.4 * scale, 8 * scale, 1])
    written = nibabel.Nifti1Image(np.zeros((20, 18, 3, 4), np.int16), affine)
    written.header.set_xyzt_units(unit, "msec")
    nibabel.save(written, tmp_path / "a.nii.gz")
    np.testing.assert_allclose(read(tmp_path / "a.nii.gz").spacing, (8, 1.4, 1.4), rtol=1e-5)
