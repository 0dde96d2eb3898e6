"""How far the grey of the wall varies, on a hand-made heart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_mvo import a_core, a_heart_slice

from medvos_lab.mvo import wall_grey
from medvos_lab.mvo.heart_slices import HeartSlice
from medvos_lab.mvo.wall_grey import Spread, sentence, spread, wall_spreads


def a_heart(grey: np.ndarray | float, name: str = "patient061") -> list[HeartSlice]:
    """One slice whose image at ED is of this grey."""
    piece = a_heart_slice(name, 0.5)
    images = piece.images.copy()
    images[0] = np.clip(np.broadcast_to(grey, images[0].shape), 0, 255)
    return [replace(piece, images=images)]


def test_a_wall_of_one_grey_does_not_vary():
    assert spread(a_heart(100.0)) == pytest.approx(0, abs=1e-6)


def test_the_distance_from_the_coil_is_no_spread_and_a_dark_quarter_is():
    (piece,) = a_heart(100.0)
    from_coil = 100 * (1 + 0.3 * np.cos(piece.ring.angle))
    dark = np.where(np.abs(piece.ring.angle) < np.pi / 4, 50.0, 100.0)
    assert spread(a_heart(from_coil)) < 0.02
    assert spread(a_heart(dark)) > 0.1


def test_the_gain_of_an_infarct_counts():
    heart = a_heart(100.0)
    gain = np.where(np.abs(heart[0].ring.angle) < np.pi / 4, 0.5, 1.0).astype(np.float32)
    assert spread(heart, [gain]) > 0.1


def test_simulated_infarcts_are_compared_with_real_ones(monkeypatch: pytest.MonkeyPatch):
    (piece,) = a_heart(100.0)
    around = 100 + 40 * np.cos(2 * piece.ring.angle)
    real = [part for name in ("patient041", "patient042") for part in a_heart(around, name)]
    healthy = [part for name in ("patient061", "patient062", "patient063") for part in a_heart(100.0, name)]
    monkeypatch.setattr(
        wall_grey, "load_slices", lambda data, cache, split, fold: real if split == "infarcted" else healthy
    )
    monkeypatch.setattr(wall_grey, "emidec_cores", lambda *_: [a_core()])
    infarcted, without, simulated = wall_spreads(None, Path())
    assert (infarcted.hearts, without.hearts, simulated.hearts) == (2, 3, 3)
    assert infarcted.p is None and 0 < without.p < 0.2 and 0 < simulated.p < 0.2
    assert without.quartiles[1] < 1e-6 < simulated.quartiles[1] < infarcted.quartiles[1]
    text = sentence([infarcted, without, simulated])
    assert text.count("%") == 3 and "(2 of ACDC), by 0.0 % in one without an infarct (3, p 0.10)" in text


def test_a_small_p_is_not_stated_as_zero():
    quartiles = (0.1, 0.12, 0.14)
    text = sentence([Spread("with", 20, quartiles), Spread("without", 80, quartiles, 0.004)])
    assert "(80, p < 0.01)" in text
