"""Prediction on an image and its mirror image, as test-time augmentation."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def mean_over_flip(predict: Callable[..., Tensor], *images: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and variance of the predictions for images and for their left-right mirror images.

    Parameters
    ----------
    predict: takes as many tensors (..., H, W) as there are images; returns probabilities (..., H, W).
    images: (..., H, W), the network's inputs.

    >>> mean, variance = mean_over_flip(lambda frames: network(frames).sigmoid(), frames)
    """
    straight = predict(*images)
    mirrored = predict(*(image.flip(-1) for image in images)).flip(-1)
    both = torch.stack([straight, mirrored])
    return both.mean(0), both.var(0, correction=0)
