"""Files of forms that are easily read wrongly and have always been read right."""

from __future__ import annotations

import itertools
from pathlib import Path

import nibabel as nib
import nrrd
import numpy as np
import pytest
from cine_files import SHORT_AXIS, write_stack
from pydicom import dcmread

from medvos.cine.cine import Cine
from medvos.cine.grid import onto_grid
from medvos.cine.read import read

ORDERS = list(itertools.product(itertools.permutations(range(3)), itertools.product((False, True), repeat=3)))
SYNTAXES = {
    "implicit": "1.2.840.10008.1.2",
    "explicit": "1.2.840.10008.1.2.1",
    "big endian": "1.2.840.10008.1.2.2",
    "deflated": "1.2.840.10008.1.2.1.99",
    "RLE": "1.2.840.10008.1.2.5",
}


@pytest.fixture(scope="module")
def volume() -> tuple[np.ndarray, np.ndarray]:
    """(X, Y, Z, T) and its oblique affine in RAS."""
    array = np.random.default_rng(3).integers(0, 999, (16, 14, 5, 4)).astype(np.int16)
    row, column = np.reshape(SHORT_AXIS, (2, 3))
    affine = np.eye(4)
    affine[:3] = np.column_stack([row * 1.5, column * 1.25, np.cross(row, column) * 8, (5.0, -20.0, 40.0)])
    return array, affine


def reordered(volume: tuple[np.ndarray, np.ndarray], order, reverse) -> tuple[np.ndarray, np.ndarray]:
    array, affine = volume[0].transpose(*order, 3), volume[1].copy()
    affine[:3, :3] = affine[:3, order]
    for axis in np.flatnonzero(reverse):
        array = np.flip(array, axis)
        affine[:3, 3] += affine[:3, axis] * (array.shape[axis] - 1)
        affine[:3, axis] *= -1
    return np.ascontiguousarray(array), affine


def assert_same_place(cine: Cine, volume: tuple[np.ndarray, np.ndarray]) -> None:
    """Every voxel has the value that it has in the volume at its place."""
    array, affine = volume
    there = onto_grid(cine.array, cine.affine, array.shape[2::-1], affine)
    assert there is not None
    np.testing.assert_array_equal(there, array.T)


@pytest.mark.parametrize(("order", "reverse"), ORDERS)
def test_a_nifti_of_any_order_and_direction_of_axes(tmp_path, volume, order, reverse):
    image = nib.Nifti1Image(*reordered(volume, order, reverse))
    image.header.set_xyzt_units("mm", "msec")
    image.header["pixdim"][4] = 40
    nib.save(image, tmp_path / "cine.nii")
    assert_same_place(read(tmp_path / "cine.nii"), volume)


@pytest.mark.parametrize(("order", "reverse"), ORDERS)
@pytest.mark.parametrize("time_first", [True, False])
def test_an_nrrd_of_any_order_and_direction_of_axes(tmp_path, volume, order, reverse, time_first):
    array, affine = reordered(volume, order, reverse)
    affine = np.diag([-1, -1, 1, 1]) @ affine
    directions, kinds, place = affine[:3, :3].T, ["domain"] * 3, 0 if time_first else 3
    header = {
        "space": "left-posterior-superior",
        "space origin": affine[:3, 3],
        "space directions": np.insert(directions, place, np.nan, axis=0),
        "kinds": [*kinds[:place], "list", *kinds[place:]],
    }
    nrrd.write(str(tmp_path / "cine.nrrd"), np.moveaxis(array, 3, place), header)
    assert_same_place(read(tmp_path / "cine.nrrd"), volume)


def rewritten(folder: Path, change) -> Path:
    for file in sorted(folder.iterdir()):
        data = dcmread(file)
        data = change(data) or data
        data.save_as(file)
    return folder


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_stack_in_the_syntaxes_that_need_no_other_package(tmp_path, syntax):
    whole = read(write_stack(tmp_path / "stack"))
    for file in sorted((tmp_path / "stack").iterdir()):
        data = dcmread(file)
        array = data.pixel_array
        if syntax == "RLE":
            data.compress(SYNTAXES[syntax], generate_instance_uid=False)
            data.save_as(file)
            continue
        big = syntax == "big endian"
        data.file_meta.TransferSyntaxUID = SYNTAXES[syntax]
        data.PixelData = array.astype(">u2" if big else "<u2").tobytes()
        fresh = type(data)(str(file), data, file_meta=data.file_meta, preamble=b"\0" * 128)
        fresh._read_little = fresh._read_implicit = None
        fresh.save_as(file, enforce_file_format=True)
    np.testing.assert_array_equal(read(tmp_path / "stack").array, whole.array)


@pytest.mark.parametrize("keyword", ["SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID"])
def test_a_stack_without_an_identifier(tmp_path, keyword):
    whole = read(write_stack(tmp_path / "stack"))
    rewritten(tmp_path / "stack", lambda data: data.pop(keyword, None) and None)
    np.testing.assert_array_equal(read(tmp_path / "stack").array, whole.array)


@pytest.mark.parametrize("slices", [(0, 1, 2), (1,), (0, 2)])
def test_slices_that_are_stored_upside_down_as_their_directions_say(tmp_path, slices):
    whole = read(write_stack(tmp_path / "stack"))
    right, down = np.reshape(SHORT_AXIS, (2, 3))

    def turn(data):
        if (data.InstanceNumber - 1) // 5 in slices:
            rows = data.Rows - 1
            data.PixelData = np.ascontiguousarray(data.pixel_array[::-1]).tobytes()
            data.ImagePositionPatient = [float(f"{mm:.6f}") for mm in data.ImagePositionPatient + down * 1.5 * rows]
            data.ImageOrientationPatient = [*right, *-down]

    cine = read(rewritten(tmp_path / "stack", turn))
    there = onto_grid(cine.array, cine.affine, whole.shape[1:], whole.affine)
    assert there is not None
    np.testing.assert_allclose(there, whole.array, rtol=1e-3, atol=1)  # they are resampled onto the others' grid


def test_companions_of_macos_beside_every_file(tmp_path):
    whole = read(write_stack(tmp_path / "stack"))
    for file in list((tmp_path / "stack").iterdir()):
        file.with_name(f"._{file.name}").write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(4000))
    np.testing.assert_array_equal(read(tmp_path / "stack").array, whole.array)
