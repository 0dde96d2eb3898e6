"""Uncertainty of each voxel."""

from __future__ import annotations

import torch

from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.voxels import voxel_uncertainty

CURVE = Calibration(voxel=(0.1, 0.9, 2.0))


def confident(p: torch.Tensor) -> torch.Tensor:
    """(N,) largest probabilities -> (N, 3, 1, 1) distributions."""
    return torch.stack([p, (1 - p) / 2, (1 - p) / 2], 1)[..., None, None]


def test_it_lies_between_0_and_1_even_for_certainty():
    p = torch.tensor([1.0, 1.0, 1 / 3])
    found = voxel_uncertainty(confident(p), torch.tensor([0.0, 2.0, 0.5])[:, None, None], CURVE)
    assert ((found >= 0) & (found <= 1)).all()


def test_it_falls_with_confidence():
    p = torch.linspace(0.34, 0.999, 20)
    assert (voxel_uncertainty(confident(p), torch.zeros(20, 1, 1), CURVE).flatten().diff() < 0).all()


def test_it_grows_with_disagreement():
    spread = torch.linspace(0, 0.5, 20)[:, None, None]
    found = voxel_uncertainty(confident(torch.full((20,), 0.8)), spread, CURVE)
    assert (found.flatten().diff() > 0).all()


def test_uncalibrated_it_is_the_chance_that_the_best_label_is_wrong():
    p = torch.tensor([0.4, 0.7, 0.95])
    found = voxel_uncertainty(confident(p), torch.ones(3, 1, 1), Calibration())
    torch.testing.assert_close(found.flatten(), 1 - p)
