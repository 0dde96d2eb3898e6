"""Folded batch normalisation."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from medvos.models.blocks import ConvNormAct, ResidualBlock, UpBlock
from medvos.models.efficientnet_lite import EfficientNetLite0
from medvos.models.fold import fold_batchnorm
from medvos.models.resnet import ResNet


def with_statistics(network: nn.Module) -> nn.Module:
    """Batch normalisations that do something."""
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return network.eval()


@pytest.mark.parametrize(
    ("network", "shapes"),
    [
        (ConvNormAct(3, 8, stride=2), [(2, 3, 16, 16)]),
        (ResidualBlock(4, 8, stride=2), [(2, 4, 16, 16)]),
        (UpBlock(3, 8, 4), [(2, 3, 16, 16), (2, 8, 8, 8)]),
        (EfficientNetLite0(), [(1, 3, 64, 64)]),
        (ResNet(18), [(1, 3, 64, 64)]),
        (ResNet(50), [(1, 3, 64, 64)]),
    ],
)
@torch.no_grad()
def test_folding_leaves_the_result_and_no_batch_normalisation(network, shapes):
    with_statistics(network)
    inputs = [torch.randn(shape) for shape in shapes]
    before = network(*inputs)
    fold_batchnorm(network)
    torch.testing.assert_close(network(*inputs), before, atol=1e-3, rtol=1e-3)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
