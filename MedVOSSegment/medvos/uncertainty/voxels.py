"""Probability that the label of a voxel is wrong."""

from __future__ import annotations

import torch
from torch import Tensor

from medvos.uncertainty.calibration import Calibration


def raw_features(probabilities: Tensor, spread: Tensor) -> tuple[Tensor, Tensor]:
    """Return the inputs of the calibration, logit(1 - p_max) and sqrt(spread).

    Parameters
    ----------
    probabilities: (T, S + 1, H, W), the mean over all directions from which a frame was reached.
    spread: (T, H, W), variance between those directions.
    """
    wrong = 1 - probabilities.amax(1)
    return torch.logit(wrong.clamp(1e-6, 1 - 1e-6)), spread.sqrt()


def voxel_uncertainty(probabilities: Tensor, spread: Tensor, calibration: Calibration) -> Tensor:
    """Compute (T, H, W) in [0, 1], the calibrated probability that the most likely label is wrong."""
    a, b, c = calibration.voxel
    confidence, disagreement = raw_features(probabilities, spread)
    return torch.sigmoid(a + b * confidence + c * disagreement)
