from __future__ import annotations

import numpy as np
import pytest

from medvos.evaluate.metrics import agreement
from medvos_lab.datasets.echonet import EchoClip
from medvos_lab.echo.scores import clip_scores, ejection_fraction, overlap, rate_of_frames

PERIOD, RATE = 40, 50.0


def an_lv(radius: float, shift: int = 0) -> np.ndarray:
    """(Y, X): half an ellipse, twice as long as wide, cut off at the annulus."""
    y, x = np.mgrid[:112, :112] - np.array((80, 56 + shift))[:, None, None]
    return (y <= 0) & ((y / 2) ** 2 + x**2 <= radius**2)


def masks(frames: int = 140) -> np.ndarray:
    return np.stack([an_lv(15 + 5 * np.cos(2 * np.pi * t / PERIOD)) for t in range(frames)])


def a_clip() -> EchoClip:
    found = masks()
    frames = np.where(found, 20, np.random.default_rng(0).integers(90, 110, found.shape)).astype(np.uint8)
    return EchoClip("x", frames, RATE, PERIOD, PERIOD * 3 // 2, found[[PERIOD, PERIOD * 3 // 2]])


def test_half_the_width_and_length_is_an_eighth_of_the_volume():
    assert ejection_fraction(np.stack([an_lv(20), an_lv(10)])) == pytest.approx(87.5, abs=1.5)


def test_a_mask_without_a_long_axis_has_no_ef():
    assert np.isnan(ejection_fraction(np.stack([an_lv(20), np.zeros((112, 112), bool)])))


def test_agreement_tells_bias_from_deviation():
    found = agreement([50.0, 60.0, 70.0, float("nan")], [45.0, 57.0, 63.0, 60.0])
    assert found["EF error"] == found["EF median error"] == found["EF bias"] == 5
    assert found["EF SD"] == pytest.approx(np.std([5, 3, 7]))
    assert found["EF r"] == pytest.approx(np.corrcoef([50, 60, 70], [45, 57, 63])[0, 1])


def test_agreement_of_one_clip_is_not_known():
    assert agreement([50.0], [45.0]) == {}


def test_overlap_of_a_mask_with_itself_is_whole():
    assert overlap(an_lv(15), an_lv(15)) == {"Dice": 1, "J": 1, "F": 1, "HD95": 0}


def test_the_truth_of_a_clip_beats_at_its_rate_and_meets_the_expert():
    clip = a_clip()
    row = clip_scores(clip, masks())
    assert row["rate"] == pytest.approx(60 * RATE / PERIOD, rel=0.03)
    assert row["ED frames off"] <= 1 and row["ES frames off"] <= 2
    assert row["Dice ED"] == row["Dice ES"] == 1
    assert row["EF"] == pytest.approx(row["EF of the expert"], abs=1.5)
    assert row["jump"] < 15


def test_a_frame_that_is_missing_is_a_jump():
    found = masks()
    found[70] = False
    assert clip_scores(a_clip(), found)["jump"] == 100


def test_the_rate_is_seen_in_the_pictures_too():
    assert rate_of_frames(a_clip().frames, RATE) == pytest.approx(60 * RATE / PERIOD, rel=0.05)
