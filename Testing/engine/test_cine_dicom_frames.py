"""Frames of classic and enhanced files."""

from __future__ import annotations

import numpy as np
import pytest
from cine_files import SHORT_AXIS, image, write_clip, write_dicom, write_enhanced
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from medvos.cine.dicom_files import find_headers
from medvos.cine.dicom_frames import Frame, frames_of
from medvos.errors import InputError

PLACE = {"ImagePositionPatient": [1, 2, 3], "ImageOrientationPatient": list(SHORT_AXIS), "PixelSpacing": [1.5, 1.25]}


def the_frames(path) -> list[Frame]:
    return frames_of(find_headers(path)[0])


def test_a_classic_image_is_one_frame(tmp_path):
    tags = {**PLACE, "TriggerTime": 40, "HeartRate": 75, "InstanceNumber": 7, "AcquisitionNumber": 2}
    (frame,) = the_frames(write_dicom(tmp_path / "x", image(0, 0), **tags))
    assert (frame.trigger, frame.interval, frame.order) == (40.0, 800.0, (0.0, 2.0, 7.0, 0))
    assert frame.pixel_spacing == (1.5, 1.25) and frame.shape == (20, 24)
    np.testing.assert_array_equal(frame.position, (1, 2, 3))


def test_an_empty_functional_group_does_not_make_a_classic_image_enhanced(tmp_path):
    tags = {**PLACE, "PerFrameFunctionalGroupsSequence": Sequence([Dataset()])}
    assert len(the_frames(write_dicom(tmp_path / "x", image(0, 0), **tags))) == 1


def test_enhanced_frames_take_shared_and_own_groups(tmp_path):
    frames = the_frames(write_enhanced(tmp_path / "x", phases=4, slices=3))
    assert [frame.trigger for frame in frames[:4]] == [600.0, 400.0, 200.0, 0.0]
    assert all(frame.slope == 2 and frame.interval == 800 for frame in frames)
    assert frames[4].position @ frames[4].position == pytest.approx(81, abs=0.01)


def test_a_clip_has_no_frames_with_a_place(tmp_path):
    assert the_frames(write_clip(tmp_path / "x")) == []


@pytest.mark.parametrize(
    "change",
    [{"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, {"PixelSpacing": [0, 1]}, {"ImageOrientationPatient": [0] * 6}],
)
def test_impossible_geometry_is_refused_with_the_file(tmp_path, change):
    with pytest.raises(InputError, match="odd"):
        the_frames(write_dicom(tmp_path / "odd", image(0, 0), **(PLACE | change)))


def test_an_absurd_number_of_frames_is_refused_before_memory_is_taken(tmp_path):
    path = write_dicom(tmp_path / "odd", image(0, 0), NumberOfFrames=2_000_000_000)
    with pytest.raises(InputError, match="odd"):
        the_frames(path)
