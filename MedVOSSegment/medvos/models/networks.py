"""Loading of released weights into the network that they were trained for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import nn

from medvos.errors import InputError
from medvos.models.cstm.config import CstmConfig
from medvos.models.cstm.network import Cstm
from medvos.models.echo.config import EchoConfig
from medvos.models.echo.network import EchoNetwork, WuNetwork
from medvos.models.echo.vivim import EchoVivim
from medvos.models.fold import fold_batchnorm
from medvos.models.mvo.config import MvoConfig
from medvos.models.mvo.network import MvoNetwork
from medvos.models.store import ModelInfo, verified_weights
from medvos.models.tcmn.config import TcmnConfig
from medvos.models.tcmn.network import Tcmn
from medvos.models.vivim.config import VivimConfig
from medvos.models.vivim.network import Vivim

Network = TypeVar("Network", bound=nn.Module)


def load_cstm(model: ModelInfo, device: torch.device) -> Cstm:
    """Load a CSTM network in single precision and evaluation mode.

    Raises
    ------
    InputError: the file is missing, its SHA-256 differs from the manifest's, or it belongs to another network.

    Example
    -------
    >>> load_cstm(resolve("cstm"), torch.device("cpu"))
    """
    return _load(lambda config: Cstm(CstmConfig.of(config)), model, device)


def load_echo(model: ModelInfo, device: torch.device) -> EchoNetwork:
    """Load an echo network, otherwise as `load_cstm`."""
    return _load(lambda config: echo_network(EchoConfig.of(config)), model, device)


def load_mvo(model: ModelInfo, device: torch.device) -> MvoNetwork:
    """Load an MVO network, otherwise as `load_cstm`."""
    return _load(lambda config: MvoNetwork(MvoConfig.of(config)), model, device)


def load_tcmn(model: ModelInfo, device: torch.device) -> Tcmn:
    """Load a TCMN network, otherwise as `load_cstm`."""
    return _load(lambda config: Tcmn(TcmnConfig.of(config)), model, device)


def load_vivim(model: ModelInfo, device: torch.device) -> Vivim:
    """Load a Vivim network, otherwise as `load_cstm`."""
    return _load(lambda config: Vivim(VivimConfig.of(config)), model, device)


def echo_network(config: EchoConfig) -> EchoNetwork:
    """Return the echo network of a configuration, with random weights."""
    return EchoVivim(config) if config.encoder == "vivim" else WuNetwork(config)


def _load(build: Callable[[dict[str, Any]], Network], model: ModelInfo, device: torch.device) -> Network:
    weights = verified_weights(model)
    try:
        network = build(model.config)
        # The number of batches seen matters to training only and is not released.
        counts = {name: value for name, value in network.state_dict().items() if name.endswith("num_batches_tracked")}
        network.load_state_dict({name: value.float() for name, value in weights.items()} | counts)
    except (RuntimeError, TypeError, ValueError) as error:
        raise InputError(
            f"The weights {model.path.name} do not fit this version of medvos; reinstall medvos."
        ) from error
    fold_batchnorm(network.eval())
    return network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
