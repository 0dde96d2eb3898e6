"""Probability that the mask of a slice is bad."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.structures import EVERY_STRUCTURE
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.likeliest import likeliest


def expected_dice(probabilities: Tensor, presence: Tensor, counted: Sequence[int] | None = None) -> Tensor:
    """Compute the Dice overlap of the mask that is expected if the probabilities are true.

    Parameters
    ----------
    probabilities: (T, S + 1, H, W).
    presence: (T, S), the probability that a structure is in the image at all.
    counted: which of the S structures count; default all.

    Returns
    -------
    (T,): mean over the structures of ``2 sum(p m) / (sum(p) + sum(m))``, weighted by their presence; for a structure
    without a mask it is the probability that it is absent.
    """
    labels = likeliest(probabilities)
    structures = probabilities.shape[1] - 1
    scores, weights = [], []
    for s in range(structures) if counted is None else counted:
        mask = (labels == s + 1).float()
        p = probabilities[:, s + 1]
        area = mask.sum((1, 2))
        soft = 2 * (p * mask).sum((1, 2)) / (p.sum((1, 2)) + area).clamp(min=1e-6)
        there = presence[:, s]
        scores.append(torch.where(area > 0, soft * there, 1 - there))
        weights.append(torch.where(area > 0, torch.ones_like(there), there))
    stacked, weight = torch.stack(scores), torch.stack(weights)
    return torch.where(weight.sum(0) > 0.02, (stacked * weight).sum(0) / weight.sum(0).clamp(min=1e-6), 1.0)


def slice_scores(
    probabilities: Tensor, presence: Tensor, calibration: Calibration, numbers: NDArray[np.uint8] | None = None
) -> Tensor:
    """Compute (T,) in [0, 1], the calibrated probability that the mask has a Dice overlap below 0.8.

    ``numbers`` (S + 1,) are the labels of background and structures: beside those that the networks were trained on, a
    structure of the reader's own does not count, because nothing about its presence was learnt or calibrated.
    """
    a, b = calibration.slice
    expected_error = (1 - expected_dice(probabilities, presence, _counted(numbers))).clamp(1e-6, 1 - 1e-6)
    return torch.sigmoid(a + b * torch.logit(expected_error))


def _counted(numbers: NDArray[np.uint8] | None) -> list[int] | None:
    if numbers is None:
        return None
    known = {structure.label for structure in EVERY_STRUCTURE}
    return [slot for slot, label in enumerate(numbers[1:].tolist()) if label in known] or None
