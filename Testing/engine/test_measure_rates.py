from __future__ import annotations

import numpy as np
import pytest

from medvos.measure.rates import peak_rates
from medvos.synth.ejected_fraction import ejected_fraction

PERIOD = 800.0


def test_a_cosine_has_its_exact_rates():
    times = np.arange(20) * PERIOD / 20
    volumes = 100 + 40 * np.cos(2 * np.pi * times / PERIOD)
    assert peak_rates(times, volumes, PERIOD) == pytest.approx((40 * 2 * np.pi / 0.8,) * 2, rel=1e-3)


def test_uneven_and_missing_phases_do_not_matter():
    times = np.sort(np.random.default_rng(0).uniform(0, PERIOD, 60))
    volumes = 100 + 40 * np.cos(2 * np.pi * times / PERIOD)
    volumes[::7] = np.nan
    assert peak_rates(times, volumes, PERIOD) == pytest.approx((40 * 2 * np.pi / 0.8,) * 2, rel=1e-3)


def test_filling_and_ejection_are_told_apart():
    times = np.arange(30) / 30
    volumes = 150 - 90 * ejected_fraction(times, 0.36, 0.25)
    ejection, filling = peak_rates(times * PERIOD, volumes, PERIOD)
    fine = np.gradient(150 - 90 * ejected_fraction(np.linspace(0, 1, 4000), 0.36, 0.25), PERIOD / 4e6)
    assert ejection == pytest.approx(-fine.min(), rel=0.25)
    assert filling == pytest.approx(fine.max(), rel=0.1)


def test_jitter_of_a_percent_changes_the_rates_by_a_fifth_at_most():
    times = np.arange(25) / 25
    volumes = 150 - 90 * ejected_fraction(times, 0.36, 0.25)
    calm = peak_rates(times * PERIOD, volumes, PERIOD)
    noisy = peak_rates(times * PERIOD, volumes + np.random.default_rng(1).normal(0, 1.5, 25), PERIOD)
    assert noisy == pytest.approx(calm, rel=0.2)


@pytest.mark.parametrize("known", [slice(0, 14), slice(5, 25)])
def test_a_beat_that_is_not_wholly_known_has_no_rates(known):
    volumes = np.full(25, np.nan)
    volumes[known] = 100
    assert peak_rates(np.arange(25) * PERIOD / 25, volumes, PERIOD) == (None, None)
