"""Loading the weights of an MVO network."""

from __future__ import annotations

import torch

from medvos.models.mvo.config import MvoConfig
from medvos.models.mvo.network import MvoNetwork
from medvos.models.store import ModelInfo, filled


def load_mvo(model: ModelInfo, device: torch.device) -> MvoNetwork:
    """The network with its weights, in single precision and evaluation mode.

    Raises
    ------
    InputError: as `medvos.models.store.load`.
    """
    return filled(lambda: MvoNetwork(MvoConfig.of(model.config)), model, device)
