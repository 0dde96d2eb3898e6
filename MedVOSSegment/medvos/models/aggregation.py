"""One distribution per pixel from one probability per structure (STM, Oh et al. 2019)."""

from __future__ import annotations

import torch
from torch import Tensor


def soft_aggregate(probabilities: Tensor) -> Tensor:
    """Join independent structure probabilities with the background that none of them claims.

    The background is ``prod(1 - p)``; all are clamped to [1e-7, 1 - 1e-7], turned into log-odds and normalised.

    Parameters
    ----------
    probabilities: (B, S, H, W) in [0, 1].

    Returns
    -------
    (B, S + 1, H, W) log-odds, background first; their softmax over dimension 1 is the distribution.
    """
    background = torch.prod(1 - probabilities, dim=1, keepdim=True)
    joined = torch.cat([background, probabilities], dim=1).clamp(1e-7, 1 - 1e-7)
    return torch.logit(joined)
