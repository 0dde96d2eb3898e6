"""Loading the weights of a Vivim network."""

from __future__ import annotations

import torch

from medvos.models.store import ModelInfo, filled
from medvos.models.vivim.config import VivimConfig
from medvos.models.vivim.network import Vivim


def load_vivim(model: ModelInfo, device: torch.device) -> Vivim:
    """The network with its weights, in single precision and evaluation mode.

    Raises
    ------
    InputError: as `medvos.models.store.load`.
    """
    return filled(lambda: Vivim(VivimConfig.of(model.config)), model, device)
