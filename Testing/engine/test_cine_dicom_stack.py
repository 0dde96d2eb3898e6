"""Building a stack from slices."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from cine_files import SHORT_AXIS, image, normal, write_enhanced, write_stack

from medvos.cine import read
from medvos.errors import InputError

ROW, COLUMN = np.array(SHORT_AXIS[:3]), np.array(SHORT_AXIS[3:])


def one_slice(folder, place: np.ndarray, series: int, **tags):
    write_stack(folder / str(series), slices=1, series=series, origin=list(place), **tags)


def test_a_slice_shifted_in_its_plane_is_resampled_onto_the_others(tmp_path):
    for z in range(4):
        shift = 2 * 1.25 * ROW + 1.5 * COLUMN if z == 2 else 0
        one_slice(tmp_path, z * 8 * normal() + shift, z + 1)
    cine = read(tmp_path)
    assert "Slice 3 (counted from 1) has another in-plane grid" in cine.source.notes[0] and len(cine.source.notes) == 1
    # The slice's own pixel (0, 0) lies at row 1, column 2 of the common grid.
    np.testing.assert_allclose(cine.array[0, 2, 1:, 2:], image(0, 0)[:-1, :-2], atol=0.1)
    np.testing.assert_allclose(cine.array[0, 1], image(0, 0), atol=1e-3)


def test_a_slice_of_another_pixel_size_is_resampled(tmp_path):
    for z in range(4):
        size = {"shape": (10, 12), "PixelSpacing": [3.0, 2.5]} if z == 1 else {}
        one_slice(tmp_path, z * 8 * normal(), z + 1, **size)
    cine = read(tmp_path)
    assert cine.shape == (5, 4, 20, 24)
    np.testing.assert_allclose(cine.array[0, 1, :19:2, :23:2], image(0, 0, (10, 12)), atol=1e-3)


def test_slices_that_drift_sideways_are_set_straight_on_their_normal(tmp_path):
    for z in range(4):
        one_slice(tmp_path, z * (8 * normal() + 1.25 * ROW), z + 1)
    cine = read(tmp_path)
    axes = cine.affine[:3, :3] / np.linalg.norm(cine.affine[:3, :3], axis=0)
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-3)
    np.testing.assert_allclose(cine.spacing[0], 8, atol=1e-3)
    np.testing.assert_allclose(cine.array[0, 3, :, 3:], image(0, 0)[:, :-3], atol=0.1)


def test_a_missing_slice_is_filled_between_its_neighbours_and_named(tmp_path):
    for z in (0, 1, 3, 4):
        one_slice(tmp_path, z * 8 * normal(), z + 1)
    cine = read(tmp_path)
    assert cine.shape[1] == 5 and cine.source.files[0][2] == ""
    assert "Slice 3 (counted from 1) is missing" in cine.source.notes[0]


def test_uneven_spacing_is_refused_with_the_gaps(tmp_path):
    for z, place in enumerate((0, 8, 20, 28)):
        one_slice(tmp_path, place * normal(), z + 1)
    with pytest.raises(InputError, match=r"unevenly spaced \(8.0, 12.0, 8.0 mm\)"):
        read(tmp_path)


def test_several_missing_slices_in_a_row_are_refused(tmp_path):
    for z in (0, 1, 2, 5, 6):
        one_slice(tmp_path, z * 8 * normal(), z + 1)
    with pytest.raises(InputError, match="2 slices in a row are missing after slice 3"):
        read(tmp_path)


def test_a_picture_knows_its_file_and_its_frame(tmp_path):
    one = read(write_enhanced(tmp_path / "cine.dcm", phases=4, slices=3))
    pixels = pydicom.dcmread(tmp_path / "cine.dcm").pixel_array
    for t in range(4):
        for z in range(3):
            assert one.source.files[t][z].endswith("cine.dcm")
            np.testing.assert_array_equal(one.array[t, z], pixels[one.source.frames[t][z]] * 2.0 + 10)


def test_the_digest_is_of_the_pictures_and_of_nothing_else(tmp_path):
    first = read(write_stack(tmp_path / "a")).source.digest
    assert first and first == read(write_stack(tmp_path / "b", PatientName="Roe^Richard")).source.digest
    changed = pydicom.dcmread(tmp_path / "b" / "IM0001")
    changed.PixelData = image(1, 1).tobytes()
    changed.save_as(tmp_path / "b" / "IM0001")
    assert read(tmp_path / "b").source.digest != first
