"""The loss that keeps memory in order of time."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

# Values of one frame seen twice are as good as alike; without a floor the quotient would be of rounding errors.
EPSILON = 0.05


def temporal_contrastive_loss(before: Tensor, present: Tensor, after: Tensor, seeded: Tensor) -> Tensor:
    """Memory values of neighbouring frames shall be more alike than those of frames farther apart (TCMN).

    Parameters
    ----------
    before, present, after: (B, S, Cv, h, w) values of three frames in order.
    seeded: (B, S) bool, the structures that count.

    Returns
    -------
    ``((1 - s(before, present)) + (1 - s(present, after))) / (1 - s(before, after) + eps)`` with the cosine
    similarity s of whole frames, the mean over structures.
    """
    first, second, third = (values.flatten(2) for values in (before, present, after))
    near = 2 - F.cosine_similarity(first, second, -1) - F.cosine_similarity(second, third, -1)
    far = 1 - F.cosine_similarity(first, third, -1)
    return (near / (far + EPSILON))[seeded].mean()
