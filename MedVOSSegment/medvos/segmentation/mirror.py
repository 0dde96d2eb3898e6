"""Whether a clip is the mirror image of what the network knows: some laboratories show the LV on the other side."""

from __future__ import annotations

import torch
from torch import Tensor

from medvos.models.echo.network import EchoNetwork
from medvos.uncertainty.slices import expected_dice

# How much surer the network has to be of the mirror images. None of 300 studies that it was trained on is taken for
# mirrored by this, and seven in a hundred of their mirror images are missed.
MARGIN = 0.01
FRAMES, EVERY = 8, 5  # that are looked at, from the first one on


@torch.inference_mode()
def looks_mirrored(network: EchoNetwork, images: Tensor) -> bool:
    """Whether the network is surer of the LV in the mirror images.

    Parameters
    ----------
    network: in evaluation mode.
    images: (N, side, side) grey values in [0, 1] of some frames.
    """
    as_they_are, mirrored = (_sureness(network, seen) for seen in (images, images.flip(-1)))
    return mirrored > as_they_are + MARGIN


def _sureness(network: EchoNetwork, images: Tensor) -> float:
    """Expected Dice, the mean over pictures, each beside itself in time."""
    lv = torch.sigmoid(network.decode([network.encode(images, role) for role in range(network.config.k)]))
    there = torch.ones(len(lv), 1, device=lv.device)
    return float(expected_dice(torch.stack([1 - lv, lv], 1), there).mean())
