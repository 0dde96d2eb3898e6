"""The network that a configuration describes."""

from __future__ import annotations

from medvos.models.echo.config import EchoConfig
from medvos.models.echo.network import EchoNetwork, WuNetwork
from medvos.models.echo.vivim import EchoVivim


def echo_network(config: EchoConfig) -> EchoNetwork:
    """With random weights."""
    return EchoVivim(config) if config.encoder == "vivim" else WuNetwork(config)
