"""A CSTM network small enough for tests, with random weights, and cines for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.models.cstm.config import CSTM_COMPACT, CstmConfig
from medvos.models.cstm.network import Cstm
from medvos.structures import LV, MYO, RV
from medvos_lab.release import write_weights

TINY = replace(
    CSTM_COMPACT,
    key_channels=8,
    value_channels=(8, 16),
    patch=2,
    decoder_channels=(16, 8, 8, 8, 8),
    region=64,
    pixel_mm=1.5,
)
SPACING = (8.0, 1.5, 1.5)


def a_network(config: CstmConfig = TINY, presence: float = 3.0) -> Cstm:
    """In evaluation mode; `presence` is how sure it is that every structure is in the picture (a logit)."""
    torch.manual_seed(0)
    network = Cstm(config).eval()
    with torch.no_grad():
        # The usual initial weights let every signal fade; here what memory says must reach the result.
        for module in network.modules():
            if isinstance(module, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(module.weight)
        for projection in (network.key_encoder.project8, network.key_encoder.project16):
            projection.weight.mul_(0.3)
        network.decoder.logits.weight.mul_(0.1)
        network.decoder.logits.bias.fill_(-0.5)
        network.decoder.presence.weight.mul_(0.1)
        network.decoder.presence.bias.fill_(presence)
    return network


def store_network(folder: Path, network: Cstm, name: str = "tiny") -> None:
    write_weights(network, name, folder, "for tests", "a tiny network")


def a_cine(phases: int = 4, slices: int = 4, side: int = 72, spacing: tuple[float, ...] = SPACING) -> Cine:
    """Smoothed noise of whole numbers, each frame its own."""
    rng = np.random.default_rng(3)
    coarse = torch.from_numpy(rng.normal(500, 200, (phases, slices, side // 6, side // 6)))
    array = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic").round().numpy().astype(np.float32)
    affine = np.diag([*reversed(spacing), 1.0])
    return Cine(array, affine, np.arange(phases) * 40.0, phases * 40.0)


def heart_slice(side: int = 72, centre: tuple[float, float] = (36, 36)) -> np.ndarray:
    """(Y, X): LV inside Myo and RV beside them, 60 mm across at 1.5 mm."""
    y, x = np.mgrid[:side, :side]
    radius = np.hypot(y - centre[0], x - centre[1] - 6)
    labels = np.zeros((side, side), np.uint8)
    labels[np.hypot(y - centre[0], x - centre[1] + 8) <= 13] = RV
    labels[radius <= 14] = MYO
    labels[radius <= 9] = LV
    return labels


def a_seed(cine: Cine, *places: tuple[int, int], mask: np.ndarray | None = None) -> Seed:
    """The same drawing at every (phase, slice) of `places`."""
    labels = np.zeros(cine.shape, np.uint8)
    for place in places:
        labels[place] = heart_slice(cine.shape[-1]) if mask is None else mask
    return Seed(labels, labels.any((2, 3)))
