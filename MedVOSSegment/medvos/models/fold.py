"""Folding batch normalisation into the convolutions before it, for inference."""

from __future__ import annotations

from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fold_batchnorm(network: nn.Module) -> None:
    """Fold BatchNorm of a network in evaluation mode in place; its results stay the same up to rounding.

    Every module here registers a batch normalisation right behind the convolution that feeds it, which is what tells
    the pairs.
    """
    children = list(network.named_children())
    for (conv_name, conv), (norm_name, norm) in pairwise(children):
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(network, conv_name, fuse_conv_bn_eval(conv, norm))
            setattr(network, norm_name, nn.Identity())
    for _, child in children:
        fold_batchnorm(child)
