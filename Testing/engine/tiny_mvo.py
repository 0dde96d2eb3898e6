"""An MVO network and hearts small enough for tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from medvos.models.mvo.config import MVO_COMPACT, UNET, MvoConfig
from medvos.models.mvo.network import MvoNetwork
from medvos_lab.motion.flow import CONTROL, identity
from medvos_lab.mvo.heart_slices import SIDE, HeartSlice

TINY_MVO = replace(MVO_COMPACT, attention_channels=4, window=4, decoder_channels=(8, 8, 6, 6, 4), side=32)
TINY_UNET = replace(UNET, decoder_channels=(8, 6, 6, 4, 4), side=32)
CONTRACTION = 0.5


def an_mvo_network(config: MvoConfig = TINY_MVO) -> MvoNetwork:
    """In evaluation mode, with normalisations that have seen some beats."""
    torch.manual_seed(0)
    network = MvoNetwork(config)
    wall = torch.ones(2, config.side, config.side, dtype=torch.bool)
    with torch.no_grad():
        for _ in range(3):
            network(torch.randn(2, config.frames, config.side, config.side), wall)
    return network.eval()


def a_ring(side: int = 64, cavity: float = 12.0, wall: float = 6.0) -> np.ndarray:
    """(Y, X) labels of a mid-ventricular slice, the RV to the left."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    away = np.hypot(y, x)
    labels = np.where(away < cavity, 3, np.where(away < cavity + wall, 2, 0)).astype(np.uint8)
    right = (np.hypot(y, x + cavity + wall) < cavity) & (labels == 0)
    labels[right] = 1
    return labels


def a_heart_slice(patient: str = "patient001", base_to_apex: float = 0.5, grey: int = 0) -> HeartSlice:
    """Bright blood in dark muscle that shrinks towards the middle of its cavity; the motion is known."""
    small = np.exp(-CONTRACTION)
    ed, es = a_ring(SIDE, 24, 9), a_ring(SIDE, 24 * small, 9 * small)
    noise = np.random.default_rng(grey).integers(0, 12, (2, SIDE, SIDE))
    images = np.choose(np.stack([ed, es]), (40, 200, 80, 210)) + noise
    # Every point goes towards the middle at a speed that grows with its distance.
    velocity = -CONTRACTION * identity(CONTROL).permute(2, 0, 1).numpy()
    return HeartSlice(patient, images.astype(np.uint8), np.stack([ed, es]), velocity.astype(np.float16), base_to_apex)


def a_core() -> np.ndarray:
    """(3, 33, 13): the inner half of the infarct's middle third, in the middle slice alone."""
    core = np.zeros((3, 33, 13), np.float32)
    core[1, 11:22, 1:7] = 1
    return core
