from __future__ import annotations

import numpy as np
import pytest

from medvos.segmentation.plausibility import plausibility_warnings

TIMES = np.arange(150) * 20.0


def a_heart() -> tuple[np.ndarray, np.ndarray]:
    """Shares (T,) and middles (T, 2) of an LV that beats three times."""
    fractions = 0.08 + 0.02 * np.cos(2 * np.pi * TIMES / 1000)
    return fractions, np.stack([0.45 + fractions / 10, np.full(len(TIMES), 0.55)], axis=1)


def test_a_beating_lv_is_beyond_doubt():
    assert plausibility_warnings(TIMES, *a_heart(), beats=3) == []


def test_the_same_heart_at_half_the_frame_rate_does_not_jump():
    fractions, middles = a_heart()
    assert plausibility_warnings(TIMES[::2], fractions[::2], middles[::2], beats=3) == []


def test_a_short_clip_need_not_show_a_contraction():
    fractions, middles = a_heart()
    assert plausibility_warnings(TIMES[:3], fractions[:3], middles[:3], beats=0) == []


def jumping(fractions, middles):
    middles[::4] += 0.3


def flickering(fractions, middles):
    fractions[::4] *= 2


def tiny(fractions, middles):
    fractions /= 20


def rare(fractions, middles):
    fractions[:100], middles[:100] = 0, np.nan


def absent(fractions, middles):
    fractions[:], middles[:] = 0, np.nan


@pytest.mark.parametrize(
    ("spoil", "why"),
    [(jumping, "jumps"), (flickering, "jumps"), (tiny, "0.4 %"), (rare, "100 of 150"), (absent, "no frame")],
)
def test_what_is_no_lv_is_told_in_one_sentence(spoil, why):
    fractions, middles = a_heart()
    spoil(fractions, middles)
    (sentence,) = plausibility_warnings(TIMES, fractions, middles, beats=3)
    assert why in sentence


def test_a_long_clip_without_a_beat_is_doubted():
    fractions, middles = a_heart()
    (sentence,) = plausibility_warnings(TIMES, np.full_like(fractions, 0.08), middles, beats=0)
    assert "contract" in sentence
