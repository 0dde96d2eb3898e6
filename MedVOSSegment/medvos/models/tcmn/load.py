"""Loading the weights of a TCMN network."""

from __future__ import annotations

import torch

from medvos.models.store import ModelInfo, filled
from medvos.models.tcmn.config import TcmnConfig
from medvos.models.tcmn.network import Tcmn


def load_tcmn(model: ModelInfo, device: torch.device) -> Tcmn:
    """The network with its weights, in single precision and evaluation mode.

    Raises
    ------
    InputError: as `medvos.models.store.load`.
    """
    return filled(lambda: Tcmn(TcmnConfig.of(model.config)), model, device)
