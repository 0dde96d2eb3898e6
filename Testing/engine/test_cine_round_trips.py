"""Volume files and label images of SimpleITK, and of ITK-SNAP, which writes through the same library; both ways."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
from label_drawings import AFFINE, HOUSE, SHAPE, a_cine

from medvos.cine import read, read_seed
from medvos.cine.write import write_nifti
from medvos.errors import InputError
from medvos.export.slicer_files import write_segmentations
from medvos.result import Result

sitk = pytest.importorskip("SimpleITK")
CINE = a_cine()


def to_itk(array: np.ndarray, spacing_t: float | None = None):
    """An image of (Z, Y, X), or of (T, Z, Y, X) with the step between phases, at `AFFINE`."""
    lps = np.diag([-1, -1, 1, 1]) @ AFFINE
    size = np.linalg.norm(lps[:3, :3], axis=0)
    volumes = []
    for one in array if array.ndim == 4 else [array]:
        image = sitk.GetImageFromArray(np.ascontiguousarray(one))
        image.SetSpacing([float(n) for n in size])
        image.SetOrigin([float(n) for n in lps[:3, 3]])
        image.SetDirection([float(n) for n in (lps[:3, :3] / size).ravel()])
        volumes.append(image)
    return volumes[0] if array.ndim == 3 else sitk.JoinSeries(volumes, 0.0, spacing_t)


@pytest.mark.parametrize("name", ["cine.nii", "cine.nii.gz", "cine.nrrd", "CINE.NII.GZ", "CINE.NRRD"])
@pytest.mark.parametrize("step", [40.0, 0.04])
def test_a_cine_of_simpleitk_is_read_as_written(tmp_path, name, step):
    small = tmp_path / name.lower()
    sitk.WriteImage(to_itk(CINE.array.astype(np.int16), step), str(small))
    cine = read(small.rename(tmp_path / name))
    np.testing.assert_array_equal(cine.array, CINE.array)
    np.testing.assert_allclose(cine.affine, AFFINE, atol=1e-4)
    np.testing.assert_allclose(cine.times, np.arange(4) * 40.0)


@pytest.mark.parametrize("name", ["s.nii", "s.nii.gz", "s.nrrd", "S.NII.GZ", "S.NHDR"])
@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16, np.float32])
def test_a_label_image_of_simpleitk_or_itk_snap_is_read_as_written(tmp_path, name, kind):
    sitk.WriteImage(to_itk(HOUSE.astype(kind)), str(tmp_path / name.lower()), True)
    path = (tmp_path / name.lower()).rename(tmp_path / name)
    np.testing.assert_array_equal(read_seed(path, CINE, 1).labels[1], HOUSE)


def test_a_label_image_of_all_phases_is_read_as_written(tmp_path):
    whole = np.stack([HOUSE] * SHAPE[0])
    for name in ("s.nii.gz", "s.nrrd"):
        sitk.WriteImage(to_itk(whole, 40.0), str(tmp_path / name))
        np.testing.assert_array_equal(read_seed(tmp_path / name, CINE).labels, whole)


def test_simpleitk_reads_what_is_written(tmp_path):
    write_nifti(tmp_path / "cine.nii.gz", CINE.array.astype(np.int16), CINE)
    image = sitk.ReadImage(str(tmp_path / "cine.nii.gz"))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), CINE.array)
    assert image.GetSpacing()[3] == pytest.approx(0.2)  # ITK counts in seconds
    np.testing.assert_allclose(image.GetOrigin()[:3], (AFFINE[:3, 3] * [-1, -1, 1]), atol=1e-4)
    write_nifti(tmp_path / "labels.nii.gz", np.stack([HOUSE] * 4), CINE, labels=True)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "labels.nii.gz")))[1], HOUSE)


def test_simpleitk_reads_an_exported_segmentation_with_its_names(tmp_path):
    whole, sure = np.stack([HOUSE] * 4), np.zeros(SHAPE, np.float32)
    flags = np.zeros(SHAPE[:2])
    write_segmentations(Result(CINE, whole, sure, flags.astype(np.float32), flags > 0), tmp_path)
    image = sitk.ReadImage(str(tmp_path / "phase-01.seg.nrrd"))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), HOUSE)
    names = {image.GetMetaData(f"Segment{n}_Name"): int(image.GetMetaData(f"Segment{n}_LabelValue")) for n in range(3)}
    assert names == {"LV": 3, "Myo": 2, "RV": 1}
    # Written again by SimpleITK, names and all, it is still known.
    sitk.WriteImage(image, str(tmp_path / "again.seg.nrrd"))
    np.testing.assert_array_equal(read_seed(tmp_path / "again.seg.nrrd", CINE, 1).labels[1], HOUSE)


@pytest.mark.parametrize("name", ["v.nrrd", "v.nii.gz"])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_vectors_and_colours_of_simpleitk_are_no_phases(tmp_path, name, count):
    planes = [to_itk(phase.astype(np.uint8)) for phase in CINE.array[:count]]
    sitk.WriteImage(sitk.Compose(planes), str(tmp_path / name))
    with pytest.raises(InputError, match=r"components|colours"):
        read(tmp_path / name)


def test_a_lone_rv_that_medvos_wrote_is_still_an_rv(tmp_path):
    rv = np.where(HOUSE == 1, HOUSE, 0)
    write_nifti(tmp_path / "result.nii.gz", np.stack([rv] * 4), CINE, labels=True)
    np.testing.assert_array_equal(read_seed(tmp_path / "result.nii.gz", CINE).labels[0], rv)
    image = nib.load(tmp_path / "result.nii.gz")
    nib.save(nib.Nifti1Image(np.asarray(image.dataobj), image.affine), tmp_path / "other.nii.gz")
    with pytest.raises(InputError, match="label 1 alone"):
        read_seed(tmp_path / "other.nii.gz", CINE)
