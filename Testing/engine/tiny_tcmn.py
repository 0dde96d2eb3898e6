"""A TCMN network small enough for tests, and a clip for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tiny_echo import an_lv

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.models.tcmn.config import TCMN_COMPACT, TcmnConfig
from medvos.models.tcmn.network import Tcmn
from medvos.structures import LV
from medvos_lab.release import update_manifest, write_weights

SIDE = 32
TINY_TCMN = replace(
    TCMN_COMPACT, key_channels=8, value_channels=12, base_channels=16, decoder_channels=(12, 8, 8), side=SIDE
)


def a_tcmn(config: TcmnConfig = TINY_TCMN) -> Tcmn:
    """In evaluation mode; what memory says reaches the result, which the usual initial weights let fade."""
    torch.manual_seed(0)
    network = Tcmn(config).eval()
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(module.weight)
        for head in (network.query_encoder.to_query, network.query_encoder.to_key):
            head.weight.mul_(0.3)
        network.decoder.logits.weight.mul_(0.1)
    return network


def store_tcmn(folder: Path, network: Tcmn, name: str = "tiny") -> None:
    write_weights(network, name, folder, "for tests", "a tiny network")
    update_manifest(folder, name, {"network": "tcmn"})


def a_clip(frames: int = 7, shape: tuple[int, int] = (40, 40)) -> Cine:
    """Noise of one slice, each frame its own."""
    array = np.random.default_rng(3).integers(0, 256, (frames, 1, *shape)).astype(np.float32)
    return Cine(array, np.eye(4), np.arange(frames) * 100.0, frames * 100.0)


def a_drawing(clip: Cine, *phases: int, label: int = LV) -> Seed:
    """An LV at these phases, a little larger from one to the next."""
    labels = np.zeros(clip.shape, np.uint8)
    side = min(clip.shape[2:])
    for i, phase in enumerate(phases):
        labels[phase, 0, :side, :side] = label * an_lv(side / 5 + 0.3 * i, side)
    return Seed(labels, labels.any((2, 3)))
