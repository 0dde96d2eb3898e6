"""Ultrasound clips."""

from __future__ import annotations

import numpy as np
import pytest
from cine_files import write_clip
from echo_files import sector_images, write_ultrasound

from medvos.cine import read
from medvos.cine.read import open_clip

INVERSE = {"PresentationLUTShape": "INVERSE"}


def test_a_frame_time_vector_gives_uneven_times(tmp_path):
    cine = read(write_clip(tmp_path / "x", FrameTime=None, FrameTimeVector=[0, 20, 30, 20, 20, 20]))
    np.testing.assert_allclose(cine.times, (0, 20, 50, 70, 90, 110))


def test_a_display_rate_stands_in_for_the_frame_time(tmp_path):
    cine = read(write_clip(tmp_path / "x", FrameTime=None, RecommendedDisplayFrameRate=50))
    np.testing.assert_allclose(np.diff(cine.times), 20)


def test_unknown_pixel_size_and_rate_are_said(tmp_path):
    cine = read(write_clip(tmp_path / "x", FrameTime=None, SequenceOfUltrasoundRegions=None))
    assert cine.spacing[1:] == (1.0, 1.0)
    assert len([note for note in cine.source.notes if "assumed" in note]) == 2


def test_the_heart_rate_of_the_file_is_kept(tmp_path):
    assert read(write_clip(tmp_path / "x", HeartRate=66)).source.heart_rate == 66


@pytest.mark.parametrize(
    "tags",
    [
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"PresentationLUTShape": "INVERSE"},
        {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
    ],
)
def test_inverted_grey_values_are_inverted_back_and_said(tmp_path, tags):
    images = sector_images(4)
    path = write_ultrasound(tmp_path / "x", 255 - images, **tags)
    cine = read(path)
    np.testing.assert_array_equal(cine.array[:, 0], images)
    np.testing.assert_array_equal(np.stack(list(open_clip(path).steady())), images)
    assert any("inverted back" in note for note in cine.source.notes)


def test_values_of_twelve_bits_are_inverted_within_them(tmp_path):
    images = sector_images(4).astype(np.uint16) * 16
    tags = {"PhotometricInterpretation": "MONOCHROME1", "BitsStored": 12, "HighBit": 11}
    np.testing.assert_array_equal(read(write_ultrasound(tmp_path / "x", 4095 - images, **tags)).array[:, 0], images)


def test_colours_are_never_inverted(tmp_path):
    plain, marked = (read(write_clip(tmp_path / n, **t)).array for n, t in (("a", {}), ("b", INVERSE)))
    np.testing.assert_array_equal(plain, marked)
