"""Calibration constants and their fit."""

from __future__ import annotations

import numpy as np
import pytest

from medvos.uncertainty.calibration import Calibration, fit_logistic


def test_the_fit_recovers_the_coefficients_that_made_the_data():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(60_000, 2))
    probability = 1 / (1 + np.exp(-(-1.0 + 2.0 * features[:, 0] - 0.5 * features[:, 1])))
    weights = fit_logistic(features, rng.random(60_000) < probability)
    assert weights == pytest.approx([-1.0, 2.0, -0.5], abs=0.06)


def test_without_information_the_fit_is_the_base_rate():
    happened = np.arange(1000) < 200
    intercept, slope = fit_logistic(np.zeros((1000, 1)), happened)
    assert 1 / (1 + np.exp(-intercept)) == pytest.approx(0.2, abs=1e-4)
    assert slope == 0


@pytest.mark.filterwarnings("error")
def test_far_outliers_do_not_overflow():
    features = np.concatenate([np.linspace(-1, 1, 200), [5000.0]])[:, None]
    happened = np.concatenate([np.linspace(-1, 1, 200) > 0, [False]])
    assert np.isfinite(fit_logistic(features, happened)).all()


def test_constants_come_from_the_manifest():
    assert Calibration.of({}) == Calibration()
    found = Calibration.of({"voxel": [1.0, 2.0, 3.0], "slice": [4.0, 5.0]})
    assert found == Calibration((1.0, 2.0, 3.0), (4.0, 5.0))
