"""Frame times of ultrasound files, held against the heart rate and the beats in the images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from echo_files import sector_images
from pydicom.dataset import Dataset

from medvos.cine import read
from medvos.cine.dicom_rhythm import Rhythm, rhythm_of
from medvos.cine.seen_beat import beat_in_frames

PERIOD = 25  # frames
IMAGES = sector_images(60, PERIOD)


def rhythm(images=IMAGES, **tags: Any) -> Rhythm:
    data = Dataset()
    for keyword, value in tags.items():
        setattr(data, keyword, value)
    return rhythm_of(data, len(images), lambda: iter(images))


def steps(one: Rhythm) -> float:
    return float(np.diff(one.times).mean())


def test_the_beat_is_seen_in_the_images():
    assert beat_in_frames(IMAGES) == PERIOD
    assert beat_in_frames([None, *IMAGES[:30], None, *IMAGES[31:]]) == pytest.approx(PERIOD, abs=1)


@pytest.mark.parametrize("images", [IMAGES[:4], np.full_like(IMAGES, 7), IMAGES[:15]])
def test_no_beat_is_seen_in_less(images):
    assert beat_in_frames(images) is None


def test_times_that_agree_with_the_heart_rate_are_kept_without_a_word():
    one = rhythm(FrameTime=40.0, HeartRate=62)
    assert steps(one) == pytest.approx(40) and one.notes == () and one.heart_rate == 62


@pytest.mark.parametrize(("stated", "right"), [(80.0, 40.0), (20.0, 40.0), (120.0, 40.0)])
def test_times_that_are_wrong_by_a_whole_factor_are_corrected_and_said(stated, right):
    one = rhythm(FrameTime=stated, HeartRate=60)
    assert steps(one) == pytest.approx(right)
    (note,) = one.notes
    assert "heart rate of 60" in note and f"{60_000 / (stated * PERIOD):.0f} times a minute" in note


def test_of_two_statements_the_one_that_agrees_with_the_beats_counts():
    one = rhythm(FrameTimeVector=[0.0] + [80.0] * 59, CineRate=25, HeartRate=60)
    assert steps(one) == pytest.approx(40) and "CineRate" in one.notes[0]


def test_without_a_heart_rate_a_rate_that_nobody_has_gives_way():
    one = rhythm(FrameTime=100.0, CineRate=25)  # 24 or 60 beats a minute
    assert steps(one) == pytest.approx(40) and "CineRate" in one.notes[0]


def test_a_rate_that_nobody_has_is_said_where_nothing_contradicts_it():
    one = rhythm(FrameTime=100.0)
    assert steps(one) == pytest.approx(100) and "24 times a minute" in one.notes[0]


def test_two_plausible_rates_that_contradict_each_other_are_said():
    one = rhythm(FrameTime=20.0, CineRate=25)  # 120 or 60 beats a minute
    assert steps(one) == pytest.approx(20) and "FrameTime" in one.notes[0] and "60 times" in one.notes[0]


def test_a_slow_display_rate_does_not_displace_the_frame_time():
    one = rhythm(FrameTime=40.0, RecommendedDisplayFrameRate=15)
    assert steps(one) == pytest.approx(40) and one.notes == ()


def test_a_contradiction_without_a_factor_is_said():
    one = rhythm(FrameTime=40.0, HeartRate=85)
    assert steps(one) == pytest.approx(40) and "not known which" in one.notes[0]


def test_a_rate_that_nobody_has_is_said_though_times_and_header_agree():
    one = rhythm(FrameTime=100.0, HeartRate=24)
    assert steps(one) == pytest.approx(100) and "few hearts" in one.notes[0]


def test_seconds_are_taken_as_seconds():
    one = rhythm(FrameTime=0.04)
    assert steps(one) == pytest.approx(40) and "seconds" in one.notes[0]


def test_the_vector_of_an_acuson_is_twice_too_long(data_folder):
    cine = read(data_folder / "dicom_samples" / "echo_a4c_acuson.dcm")
    assert np.diff(cine.times).mean() == pytest.approx(19.2, abs=0.2)
    assert "61" in cine.source.notes[-1] and "29 times a minute" in cine.source.notes[-1]
