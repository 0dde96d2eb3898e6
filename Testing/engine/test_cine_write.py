"""Writing on a cine's grid."""

from __future__ import annotations

import errno
from dataclasses import replace

import nibabel
import numpy as np
import pytest
from cine_files import SHORT_AXIS, normal

from medvos.cine import Cine, read, write_nifti
from medvos.cine.geometry import dicom_affine
from medvos.errors import InputError

AFFINE = dicom_affine(np.array([5.0, 6, 7]), np.array(SHORT_AXIS), (1.5, 1.25), 8 * normal())


@pytest.fixture
def cine() -> Cine:
    array = np.random.default_rng(0).random((4, 3, 10, 12), np.float32)
    return Cine(array, AFFINE, np.arange(4) * 200.0, 800.0)


@pytest.mark.parametrize("name", ["x.nii", "x.nii.gz"])
def test_what_is_written_is_read_back_the_same(tmp_path, cine, name):
    write_nifti(tmp_path / name, cine.array, cine)
    again = read(tmp_path / name)
    np.testing.assert_array_equal(again.array, cine.array)
    np.testing.assert_allclose(again.affine, AFFINE, atol=1e-5)
    np.testing.assert_allclose(again.times, cine.times)
    assert again.period == cine.period
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int16, bool])
def test_the_dtype_and_the_phase_duration_are_kept(tmp_path, cine, dtype):
    write_nifti(tmp_path / "x.nii", (cine.array > 0.5).astype(dtype), cine)
    header = nibabel.load(tmp_path / "x.nii").header
    assert header.get_data_dtype() == (np.uint8 if dtype is bool else dtype)
    assert header["pixdim"][4] == 200 and header.get_xyzt_units() == ("mm", "msec")


def test_an_assumed_beat_does_not_become_a_stated_one(tmp_path, cine):
    header = nibabel.Nifti1Image(cine.array.T, cine.affine).header
    header["pixdim"][4] = 0
    nibabel.save(nibabel.Nifti1Image(cine.array.T, cine.affine, header), tmp_path / "timeless.nii")
    timeless = read(tmp_path / "timeless.nii")
    assert timeless.source.heart_rate is None
    write_nifti(tmp_path / "x.nii.gz", timeless.array, timeless)
    again = read(tmp_path / "x.nii.gz")
    assert again.source.heart_rate is None and again.source.notes == timeless.source.notes


def test_times_of_a_part_of_a_beat_are_kept(tmp_path, cine):
    header = nibabel.Nifti1Image(cine.array.T, cine.affine).header
    header["pixdim"][4] = 28.8
    header.set_xyzt_units("mm", "msec")
    nibabel.save(nibabel.Nifti1Image(cine.array.T, cine.affine, header), tmp_path / "part.nii")
    part = read(tmp_path / "part.nii")
    write_nifti(tmp_path / "x.nii.gz", part.array, part)
    again = read(tmp_path / "x.nii.gz")
    assert again.source.heart_rate is None and again.source.notes == part.source.notes
    np.testing.assert_allclose(again.times, np.arange(len(again.times)) * 28.8, rtol=1e-6)


def test_a_stack_whose_slices_drift_keeps_its_geometry_and_opens_in_itk(tmp_path, cine):
    itk = pytest.importorskip("SimpleITK")
    drifting = replace(cine, affine=cine.affine.copy())
    drifting.affine[:3, 2] += 0.1 * cine.affine[:3, 0]
    write_nifti(tmp_path / "x.nii.gz", cine.array, drifting)
    np.testing.assert_allclose(read(tmp_path / "x.nii.gz").affine, drifting.affine, atol=1e-5)
    assert itk.ReadImage(str(tmp_path / "x.nii.gz")).GetSize() == (12, 10, 3, 4)


def test_a_folder_that_is_not_there_is_refused(tmp_path, cine):
    with pytest.raises(InputError, match=r"x\.nii cannot be written \(No such file"):
        write_nifti(tmp_path / "nowhere" / "x.nii", cine.array, cine)


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, cine, monkeypatch):
    (tmp_path / "x.nii").write_text("old")

    def full(image, path):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(nibabel, "save", full)
    with pytest.raises(InputError, match="No space left"):
        write_nifti(tmp_path / "x.nii", cine.array, cine)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_a_beat_whose_rate_is_in_doubt_does_not_become_a_stated_one(tmp_path, cine):
    doubted = replace(cine, period=850.0, source=replace(cine.source, kind="dicom", heart_rate=None))
    assert doubted.shape[1] > 1
    write_nifti(tmp_path / "x.nii.gz", doubted.array, doubted)
    assert read(tmp_path / "x.nii.gz").source.heart_rate is None
