"""Ultrasound clips."""

from __future__ import annotations

import numpy as np
from cine_files import write_clip

from medvos.cine import read


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
