"""Vivim networks small enough for tests, and a cine that is its own truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from medvos.cine.cine import Cine
from medvos.models.vivim.config import VIVIM_COMPACT, VivimConfig
from medvos.models.vivim.network import Prediction, Vivim
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.release import update_manifest, write_weights

SIDE = 32
TINY_VIVIM = replace(VIVIM_COMPACT, temporal_depths=(0, 1, 1), states=2, decoder_channels=(12, 8, 8, 8), side=SIDE)
TINY_MIT = VivimConfig(
    encoder="mit",
    dims=(8, 16),
    depths=(1, 2),
    heads=(1, 2),
    reductions=(2, 1),
    temporal_depths=(1, 1),
    states=2,
    head=12,
    decoder_channels=(),
    side=SIDE,
)


def a_vivim(config: VivimConfig = TINY_VIVIM) -> Vivim:
    torch.manual_seed(0)
    return Vivim(config).eval()


def store_vivim(folder: Path, network: Vivim, name: str = "tiny") -> None:
    write_weights(network, name, folder, "for tests", "a tiny network")
    update_manifest(folder, name, {"network": "vivim"})


class Reader(nn.Module):
    """In place of a network: reads the labels off a picture whose grey values are the labels."""

    config = replace(VIVIM_COMPACT, side=128)

    def forward(self, clips: Tensor) -> Prediction:
        grey = (clips[:, :, 1:2] * 0.25 + 0.5) * 3  # (B, T, 1, H, W), 0 to 3
        levels = torch.arange(4.0)[:, None, None]
        return Prediction(-10 * (grey - levels) ** 2, grey[:, :, 0])


def a_case_that_is_its_own_truth(centre: tuple[int, int] = (70, 60), side: int = 160) -> LabelledCine:
    """Four phases of six slices of a contracting heart; its grey values are its labels, and the last slice is empty."""
    y, x = np.mgrid[:side, :side]
    labels = np.zeros((4, 6, side, side), np.uint8)
    for phase, shrink in enumerate((0, 3, 6, 3)):
        for level in range(5):
            radius = np.hypot(y - centre[0], x - centre[1] - 8)
            labels[phase, level][np.hypot(y - centre[0], x - centre[1] + 12) <= 20 - shrink] = 1
            labels[phase, level][radius <= 22] = 2
            labels[phase, level][radius <= 15 - shrink] = 3
    cine = Cine(labels.astype(np.float32), np.diag([1.5, 1.5, 8.0, 1.0]), np.arange(4) * 200.0, 800.0)
    return LabelledCine("patient004", cine, labels, "made")
