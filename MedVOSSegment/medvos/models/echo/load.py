"""Loading the weights of an echo network."""

from __future__ import annotations

import torch

from medvos.models.echo.build import echo_network
from medvos.models.echo.config import EchoConfig
from medvos.models.echo.network import EchoNetwork
from medvos.models.store import ModelInfo, filled


def load_echo(model: ModelInfo, device: torch.device) -> EchoNetwork:
    """The network with its weights, in single precision and evaluation mode.

    Raises
    ------
    InputError: as `medvos.models.store.load`.
    """
    return filled(lambda: echo_network(EchoConfig.of(model.config)), model, device)
