"""Multi-frame MR without functional groups, and images that a program has converted."""

from __future__ import annotations

import numpy as np
import pytest
from cine_files import MR, SHORT_AXIS, image, normal, write_dicom, write_enhanced, write_stack
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from medvos.cine.read import read
from medvos.errors import InputError

LEGACY = "1.2.840.10008.5.1.4.1.1.4.4"
GREY_SCREEN = "1.2.840.10008.5.1.4.1.1.7.3"


def write_films(folder, slices=(0, 1, 2), sop_class=MR, **tags):
    """One file a slice, of five phases."""
    for z in slices:
        place = np.array((-100.0, -50.0, 20.0)) + z * 8.0 * normal()
        elements = {
            "ImagePositionPatient": [float(f"{p:.6f}") for p in place],
            "ImageOrientationPatient": list(SHORT_AXIS),
            "PixelSpacing": [1.5, 1.25],
            "FrameTime": 160,
            "NominalInterval": 800,
            "TriggerTime": 0,
            "InstanceNumber": z + 1,
            **tags,
        }
        write_dicom(folder / f"Z{z}", np.stack([image(t, z) for t in range(5)]), sop_class, **elements)
    return folder


@pytest.mark.parametrize("sop_class", [MR, GREY_SCREEN])
@pytest.mark.parametrize(
    "times",
    [{}, {"FrameTime": None, "FrameTimeVector": [0, 160, 160, 160, 160]}, {"FrameIncrementPointer": 0x00181063}],
)
def test_a_multi_frame_file_a_slice_is_a_stack(tmp_path, sop_class, times):
    whole = read(write_stack(tmp_path / "whole"))
    cine = read(write_films(tmp_path / "films", sop_class=sop_class, **times))
    np.testing.assert_array_equal(cine.array, whole.array)
    np.testing.assert_allclose(cine.affine, whole.affine, atol=1e-3)
    np.testing.assert_allclose(cine.times, whole.times)
    assert cine.source.heart_rate == whole.source.heart_rate


def test_a_multi_frame_slice_among_single_images_is_read_with_them(tmp_path):
    whole = read(write_stack(tmp_path / "whole"))
    write_stack(tmp_path / "part", slices=2)
    np.testing.assert_array_equal(read(write_films(tmp_path / "part", slices=(2,))).array, whole.array)


def test_multi_frame_files_of_mri_without_a_place_say_what_is_missing(tmp_path):
    write_films(tmp_path, ImagePositionPatient=None)
    with pytest.raises(InputError, match=r"3 multi-frame files of MRI.*ImagePositionPatient is missing"):
        read(tmp_path)


def test_a_multi_frame_file_without_a_place_beside_a_stack_is_noted(tmp_path):
    write_stack(tmp_path)
    write_films(tmp_path, slices=(3,), ImagePositionPatient=None)
    notes = " ".join(read(tmp_path).source.notes)
    assert "The multi-frame file Z3 was left out: ImagePositionPatient is missing." in notes


def test_frames_that_are_not_in_time_are_no_phases(tmp_path):
    with pytest.raises(InputError, match="the order of their frames in time is missing"):
        read(write_films(tmp_path, FrameIncrementPointer=0x00540080))


def test_converted_images_keep_their_trigger_times(tmp_path):
    whole = read(write_enhanced(tmp_path / "enhanced"))
    groups = Sequence()
    for n in range(12):
        z, t = n // 4, 3 - n % 4
        place, own, group, rescale = Dataset(), Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [float(f"{p:.6f}") for p in z * 9.0 * normal()]
        own.TriggerTime, own.NominalInterval = 200.0 * t, 800
        rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 2, 10, "US"
        group.PlanePositionSequence = Sequence([place])
        group.PixelValueTransformationSequence = Sequence([rescale])
        group.UnassignedPerFrameConvertedAttributesSequence = Sequence([own])
        groups.append(group)
    file = write_enhanced(tmp_path / "converted", SOPClassUID=LEGACY, PerFrameFunctionalGroupsSequence=groups)
    cine = read(file)
    np.testing.assert_array_equal(cine.array, whole.array)
    np.testing.assert_array_equal(cine.times, whole.times)
    assert cine.source.heart_rate == whole.source.heart_rate
