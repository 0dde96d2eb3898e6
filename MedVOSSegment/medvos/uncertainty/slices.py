"""How likely each slice's mask is bad."""

from __future__ import annotations

import torch
from torch import Tensor

from medvos.uncertainty.calibration import Calibration


def expected_dice(probabilities: Tensor, presence: Tensor) -> Tensor:
    """Dice that the mask would have on average if the probabilities were true.

    Parameters
    ----------
    probabilities: (T, S + 1, H, W).
    presence: (T, S), the chance that a structure is in the picture at all.

    Returns
    -------
    (T,): mean over the structures of ``2 sum(p m) / (sum(p) + sum(m))``, weighted by how much there is to see of
    each; for a structure left out of the mask it is the chance that it is absent.
    """
    labels = probabilities.movedim(1, -1).contiguous().argmax(-1)
    structures = probabilities.shape[1] - 1
    scores, weights = [], []
    for s in range(structures):
        mask = (labels == s + 1).float()
        p = probabilities[:, s + 1]
        area = mask.sum((1, 2))
        soft = 2 * (p * mask).sum((1, 2)) / (p.sum((1, 2)) + area).clamp(min=1e-6)
        there = presence[:, s]
        scores.append(torch.where(area > 0, soft * there, 1 - there))
        weights.append(torch.where(area > 0, torch.ones_like(there), there))
    stacked, weight = torch.stack(scores), torch.stack(weights)
    return torch.where(weight.sum(0) > 0.02, (stacked * weight).sum(0) / weight.sum(0).clamp(min=1e-6), 1.0)


def slice_scores(probabilities: Tensor, presence: Tensor, calibration: Calibration) -> Tensor:
    """(T,) in [0, 1]: the calibrated chance that the mask has a Dice below 0.8."""
    a, b = calibration.slice
    doubt = (1 - expected_dice(probabilities, presence)).clamp(1e-6, 1 - 1e-6)
    return torch.sigmoid(a + b * torch.logit(doubt))
