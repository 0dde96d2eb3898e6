"""The most probable class of each pixel."""

from __future__ import annotations

from torch import Tensor


def likeliest(probabilities: Tensor) -> Tensor:
    """Return the most probable of C classes at each pixel, the first of equals.

    Parameters
    ----------
    probabilities: (B, C, H, W).

    Returns
    -------
    (B, H, W) int64.

    >>> likeliest(torch.tensor([0.2, 0.5, 0.3]).view(1, 3, 1, 1)).item()
    1
    """
    return probabilities.max(1).indices  # many times faster than argmax along a dimension that is not the last
