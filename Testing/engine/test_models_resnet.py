"""ResNet encoders."""

from __future__ import annotations

import pytest
import torch

from medvos.models.resnet import ResNet


@pytest.mark.parametrize(("depth", "channels"), [(18, (64, 64, 128, 256)), (50, (64, 256, 512, 1024))])
def test_channels_and_strides_are_those_of_the_papers(depth, channels):
    network = ResNet(depth, c_in=5).eval()
    with torch.no_grad():
        features = network(torch.zeros(1, 5, 64, 32))
    assert network.channels == channels
    assert [tuple(f.shape[1:]) for f in features] == [
        (c, 64 // s, 32 // s) for c, s in zip(channels, (2, 4, 8, 16), strict=True)
    ]


@pytest.mark.parametrize(("depth", "count"), [(18, 2_782_784), (50, 8_543_296)])
def test_parameter_count_is_that_of_the_published_network_up_to_its_third_stage(depth, count):
    assert sum(p.numel() for p in ResNet(depth).parameters()) == count
