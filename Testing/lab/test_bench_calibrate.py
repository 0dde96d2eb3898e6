"""Calibration of the uncertainty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from a_beat import PHASES, a_beat
from labelled_heart import a_labelled_heart
from tiny_network import TINY, a_network

from medvos_lab.bench import calibrate as module
from medvos_lab.bench.calibrate import Observed, calibrate, fit, observe
from medvos_lab.bench.protocol import prepare

CPU = torch.device("cpu")


def observed(rng: np.random.Generator, slope: float) -> Observed:
    """Voxels that are wrong as often as ``slope * logit`` says, slices that are bad as often as theirs does."""
    voxels = rng.normal(0, 2, (4000, 2)).astype(np.float32)
    wrong = rng.random(4000) < 1 / (1 + np.exp(-slope * voxels[:, 0]))
    slices = rng.normal(0, 2, (4000, 1)).astype(np.float32)
    bad = rng.random(4000) < 1 / (1 + np.exp(1 - slices[:, 0]))
    return Observed(voxels, wrong, slices, bad)


def test_the_constants_are_those_that_made_the_mistakes():
    rng = np.random.default_rng(0)
    calibration = fit([observed(rng, 0.5), observed(rng, 0.5)])
    assert calibration.voxel == pytest.approx((0, 0.5, 0), abs=0.1)
    assert calibration.slice == pytest.approx((-1, 1), abs=0.15)


def test_what_is_observed_lies_outside_the_seed_and_near_the_heart():
    trial = prepare(a_labelled_heart())
    seen = observe(trial, a_network(), CPU)
    judged = np.prod(trial.case.cine.shape[:2]) - 1
    assert 0 < len(seen.slices) == len(seen.bad) <= judged
    assert seen.voxels.shape == (len(seen.wrong), 2)
    assert len(seen.wrong) <= module.VOXELS_A_FRAME * len(seen.slices)
    assert 0 < seen.wrong.mean() < 1


def test_the_error_is_cross_fitted_between_the_two_halves(monkeypatch: pytest.MonkeyPatch):
    names = ("patient004", "patient009")
    monkeypatch.setattr(
        module, "acdc_cases", lambda data, split: (replace(a_labelled_heart(), name=name) for name in names)
    )
    calibration, errors = calibrate(a_network(), None, CPU)
    assert np.isfinite([*calibration.voxel, *calibration.slice]).all()
    # Two copies of one patient: constants of one half fit the other as well as its own would.
    assert 0 <= errors["ECE, cross-fitted"] < 0.05
    assert calibrate(a_network(), None, CPU, cases=1)[1] == {}


def test_a_network_that_follows_the_motion_is_also_observed_at_every_phase(monkeypatch: pytest.MonkeyPatch):
    phases: list[int] = []

    def seen(trial, *_):
        phases.append(len(trial.case.cine.times))
        return observed(np.random.default_rng(0), 0.5)

    monkeypatch.setattr(module, "acdc_cases", lambda *_: iter([a_beat().whole_ends()]))
    monkeypatch.setattr(module, "acdc_beats", lambda *_: iter([a_beat()]))
    monkeypatch.setattr(module, "observe", seen)
    for motion in (False, True):
        calibrate(a_network(replace(TINY, motion=motion)), None, CPU)
    assert phases == [2, 2, PHASES]
