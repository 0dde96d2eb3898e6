"""NRRD files in Slicer's layouts."""

from __future__ import annotations

import gzip
import json

import nrrd
import numpy as np
import pytest
from cine_files import SHORT_AXIS, normal

from medvos.cine import read
from medvos.cine.geometry import LPS_TO_RAS, dicom_affine
from medvos.errors import InputError

AFFINE = dicom_affine(np.array([5.0, 6, 7]), np.array(SHORT_AXIS), (1.5, 1.25), 8 * normal())
ARRAY = np.random.default_rng(0).integers(0, 500, (6, 3, 10, 12)).astype(np.int16)


def save(path, *, list_axis=0, values="0 40 80 120 160 200", unit="ms", space="left-posterior-superior", **fields):
    affine = LPS_TO_RAS @ AFFINE if space.startswith("left") else AFFINE
    nowhere = np.full(3, np.nan)
    directions, kinds, units = list(affine[:3, :3].T), ["domain"] * 3, [""] * 3
    directions.insert(list_axis, nowhere)
    kinds.insert(list_axis, "list")
    units.insert(list_axis, unit)
    header = {
        "space": space,
        "space directions": np.array(directions),
        "space origin": affine[:3, 3],
        "kinds": kinds,
        "units": units,
        f"axis {list_axis} index type": "numeric",
        f"axis {list_axis} index values": values,
        **fields,
    }
    nrrd.write(str(path), np.moveaxis(ARRAY.T, -1, list_axis), header)
    return path


@pytest.mark.parametrize("list_axis", [0, 3])
@pytest.mark.parametrize("space", ["left-posterior-superior", "right-anterior-superior"])
def test_a_slicer_sequence_is_a_cine(tmp_path, list_axis, space):
    cine = read(save(tmp_path / "x.seq.nrrd", list_axis=list_axis, space=space))
    np.testing.assert_array_equal(cine.array, ARRAY)
    np.testing.assert_allclose(cine.affine, AFFINE, atol=1e-6)
    np.testing.assert_allclose(cine.times, np.arange(6) * 40.0)
    assert cine.period == 240 and cine.source.notes == ()


def test_plain_numbers_are_no_times(tmp_path):
    cine = read(save(tmp_path / "x.seq.nrrd", values="0 1 2 3 4 5", unit=""))
    assert cine.period == 1000 and "assumed" in cine.source.notes[0]


def test_times_in_seconds_are_understood(tmp_path):
    cine = read(save(tmp_path / "x.seq.nrrd", values="0 0.04 0.08 0.12 0.16 0.2", unit="s"))
    np.testing.assert_allclose(cine.times, np.arange(6) * 40.0)


def test_what_times_do_not_tell_may_be_told(tmp_path):
    told = {"MedVOS.Timing": json.dumps({"period": 260.5, "heart_rate": 70, "notes": ["gated"]})}
    cine = read(save(tmp_path / "x.seq.nrrd", values="0 1 2 3 4 5", unit="", **told))
    np.testing.assert_array_equal(cine.times, np.arange(6))
    assert (cine.period, cine.source.heart_rate, cine.source.notes) == (260.5, 70, ("gated",))


@pytest.mark.parametrize("told", ["{", "[]", '{"period": "x", "heart_rate": null, "notes": []}'])
def test_a_damaged_timing_is_refused(tmp_path, told):
    with pytest.raises(InputError, match="damaged"):
        read(save(tmp_path / "x.seq.nrrd", **{"MedVOS.Timing": told}))


def test_labels_of_a_multi_volume_are_times(tmp_path):
    labels = {"MultiVolume.FrameLabels": "0,30,60,90,120,150"}
    cine = read(save(tmp_path / "x.nrrd", values="", unit="", **labels))
    np.testing.assert_allclose(cine.times, np.arange(6) * 30.0)


def test_a_volume_without_time_is_refused(tmp_path):
    nrrd.write(str(tmp_path / "x.nrrd"), ARRAY[0].T)
    with pytest.raises(InputError, match="3D image without a time axis"):
        read(tmp_path / "x.nrrd")


def test_a_truncated_file_is_refused_by_name(tmp_path):
    path = save(tmp_path / "x.seq.nrrd")
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(InputError, match=r"x\.seq\.nrrd"):
        read(path)


def test_absurd_sizes_are_refused_before_memory_is_taken(tmp_path):
    header = "NRRD0004\ntype: short\ndimension: 4\nsizes: 30000 30000 30000 30\nendian: little\nencoding: gzip\n\n"
    (tmp_path / "x.nrrd").write_bytes(header.encode() + gzip.compress(b"\0" * 1000))
    with pytest.raises(InputError, match="cut short"):
        read(tmp_path / "x.nrrd")


def test_an_unknown_space_is_refused(tmp_path):
    with pytest.raises(InputError, match="scanner-xyz"):
        read(save(tmp_path / "x.nrrd", space="scanner-xyz"))


def test_overlapping_segments_are_not_taken_for_phases(tmp_path):
    with pytest.raises(InputError, match="overlapping segments"):
        read(save(tmp_path / "x.seg.nrrd", Segment0_Layer="0"))


COLOURS = ("RGB-color", "RGBA-color", "HSV-color", "XYZ-color", "vector", "covariant-vector", "normal", "3-vector",
           "4-vector", "point", "complex", "quaternion", "3D-matrix")  # fmt: skip


@pytest.mark.parametrize("kind", COLOURS)
@pytest.mark.parametrize("axis", [0, 3])
def test_components_of_a_voxel_are_no_phases(tmp_path, kind, axis):
    kinds = ["domain"] * 3
    kinds.insert(axis, kind)
    path = save(tmp_path / "x.nrrd", list_axis=axis, kinds=kinds)
    with pytest.raises(InputError, match=r"colours|components|complex"):
        read(path)


@pytest.mark.parametrize("kind", ["none", "???", None])
@pytest.mark.parametrize("count", [3, 4, 6])
def test_an_axis_of_no_stated_kind_is_time_unless_it_may_be_colours(tmp_path, kind, count):
    header = {"space": "left-posterior-superior", "space origin": np.zeros(3)}
    header["space directions"] = np.vstack([np.full(3, np.nan), np.diag([1.0, 1, 8])])
    header |= {} if kind is None else {"kinds": [kind, *["domain"] * 3]}
    nrrd.write(str(tmp_path / "x.nrrd"), np.moveaxis(ARRAY[:count].T, -1, 0), header)
    if count > 4:
        np.testing.assert_array_equal(read(tmp_path / "x.nrrd").array, ARRAY[:count])
        return
    with pytest.raises(InputError, match="may be colours"):
        read(tmp_path / "x.nrrd")


def test_diffusion_directions_are_no_phases(tmp_path):
    with pytest.raises(InputError, match="diffusion"):
        read(save(tmp_path / "x.nrrd", modality="DWMRI"))


@pytest.mark.parametrize(
    ("unit", "in_mm"), [("cm", 10.0), ("Centimeters", 10.0), ("m", 1000.0), ("um", 1e-3), ("mm", 1.0)]
)
def test_lengths_in_a_stated_unit_become_mm(tmp_path, unit, in_mm):
    affine = LPS_TO_RAS @ AFFINE / in_mm
    directions = np.vstack([np.full(3, np.nan), affine[:3, :3].T])
    stated = {"space directions": directions, "space origin": affine[:3, 3], "space units": [unit] * 3}
    np.testing.assert_allclose(read(save(tmp_path / "x.seq.nrrd", **stated)).affine, AFFINE, atol=1e-5)


def test_metres_are_not_believed_of_voxels_as_in_mm(tmp_path):
    np.testing.assert_allclose(
        read(save(tmp_path / "x.seq.nrrd", **{"space units": ["m"] * 3})).affine, AFFINE, atol=1e-6
    )


def test_units_of_too_few_axes_are_no_damage(tmp_path):
    np.testing.assert_allclose(read(save(tmp_path / "x.seq.nrrd", units=["mm"])).affine, AFFINE, atol=1e-6)
