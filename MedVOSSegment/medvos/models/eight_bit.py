"""Weights in eight bits: what released files hold of a network, and what the engine makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SCALE = ".scale_of_eight_bits"  # ends the name of the steps, one for each output channel
LARGEST = 127
FEWEST = 32  # values of an output channel; small kernels, depthwise ones first of all, lose most and weigh least


def to_eight_bits(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights whose matrices and kernels are rounded to 255 levels, evenly spaced in each output channel.

    Vectors (biases, batch normalisation) stay as they are: they are few, and errors in them shift whole channels.

    Parameters
    ----------
    weights: tensors of a network by name, finite; an output channel is an index of the first axis.

    Returns
    -------
    Each rounded tensor as int8 under its name, with its steps, float32 (O,), under its name and `SCALE`; all other
    tensors unchanged.

    Example
    -------
    >>> sorted(to_eight_bits({"conv.weight": torch.ones(4, 8, 3, 3)}))
    ['conv.weight', 'conv.weight.scale_of_eight_bits']
    """
    packed = {}
    for name, value in weights.items():
        if not value.is_floating_point() or value.ndim < 2 or value[0].numel() < FEWEST:
            packed[name] = value
            continue
        rows = value.float().flatten(1)
        steps = rows.abs().amax(1).div(LARGEST).clamp_min(1e-30)
        packed[name] = (rows / steps[:, None]).round().char().reshape(value.shape).contiguous()
        packed[name + SCALE] = steps
    return packed


def from_eight_bits(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights that `to_eight_bits` stored, the rounded ones in float32; those of older files as they are.

    Example
    -------
    >>> from_eight_bits(to_eight_bits({"conv.weight": torch.ones(4, 8, 3, 3)}))["conv.weight"].shape
    torch.Size([4, 8, 3, 3])
    """
    weights = {}
    for name, value in packed.items():
        if name.endswith(SCALE):
            continue
        steps = packed.get(name + SCALE)
        weights[name] = value if steps is None else value.float() * steps.reshape(-1, *[1] * (value.ndim - 1))
    return weights
