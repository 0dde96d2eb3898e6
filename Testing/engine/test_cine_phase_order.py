"""Whether images are in the order in which a heart beats."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest
from test_cine_dicom_films import as_it_is, filmed
from test_cine_image_evidence import beat

from medvos.cine.phase_order import right_order, text_order
from medvos.cine.read import read
from medvos.errors import InputError


@pytest.fixture
def stack():
    """Images (T, Z, Y, X) of three slices that differ."""
    return np.stack([beat(20, seed=z) + 0.3 * np.roll(beat(20, seed=z)[:1], 11 * z, 2) for z in range(3)], 1)


def written(path, array):
    """A NIfTI of images (T, Z, Y, X)."""
    image = nibabel.Nifti1Image((1000 * array).astype(np.float32).transpose(3, 2, 1, 0), np.diag([-1.5, -1.5, 8, 1]))
    image.header.set_zooms((1.5, 1.5, 8, 0.04))
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, path)
    return path


def test_a_volume_in_the_order_of_time_is_read(tmp_path, stack):
    assert read(written(tmp_path / "cine.nii.gz", stack)).shape[:2] == (20, 3)


TEXT, TEXT_FROM_0 = text_order(20), text_order(20, first=0)
SHUFFLED = np.random.default_rng(3).permutation(20)


@pytest.mark.parametrize(
    ("order", "why"), [(TEXT, "text sorts"), (TEXT_FROM_0, "text sorts"), (SHUFFLED, "another order is")]
)
def test_phases_in_another_order_are_refused(tmp_path, stack, order, why):
    with pytest.raises(InputError, match=why):
        read(written(tmp_path / "cine.nii.gz", stack[order]))


def test_noise_has_no_order_that_could_be_wrong(tmp_path):
    noise = np.random.default_rng(0).random((20, 3, 40, 40))
    assert read(written(tmp_path / "cine.nii.gz", noise)).shape[0] == 20


def test_slices_along_the_axis_of_time_are_refused(tmp_path, stack):
    with pytest.raises(InputError, match="axes in the order x, y, z, time"):
        read(written(tmp_path / "cine.nii.gz", stack.swapaxes(0, 1)))


@pytest.mark.parametrize(("count", "first"), [(20, 1), (20, 0), (60, 1)])
def test_numbers_sorted_as_text_are_put_in_their_order_and_it_is_said(tmp_path, count, first):
    untouched = read(filmed(tmp_path / "untouched", as_it_is))
    number = [int(at) for at in np.argsort(text_order(count, first))]

    def change(data, t, z):
        n = 20 * z + t  # sorted slice by slice, or over all slices
        data.InstanceNumber = number[n] + 1 if count == 60 else 20 * z + number[t] + 1
        del data.TriggerTime

    cine = read(filmed(tmp_path / "text", change))
    np.testing.assert_array_equal(cine.array, untouched.array)
    assert "text sorts numbers" in " ".join(cine.source.notes)


def test_real_hearts_are_in_the_order_of_numbers(data_folder):
    for folder in ("sunnybrook_4d/SCD0000101/dicom", "sunnybrook_4d/SCD0000301/dicom", "cine_multi_series/patient1"):
        cine = read(data_folder / folder)
        films = [cine.array[:, z] for z in range(cine.shape[1])]
        assert right_order(films) is None
        for first in (0, 1):
            text = text_order(cine.shape[0], first)
            assert right_order([film[text] for film in films])[0].tolist() == np.argsort(text).tolist()
