"""Building blocks."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from medvos.models.blocks import Cbam, ConvNormAct, ResidualBlock, UpBlock


@pytest.mark.parametrize(("kernel", "stride", "side"), [(3, 1, 10), (5, 2, 5), (1, 1, 10)])
def test_convolutions_keep_the_size_but_for_the_stride(kernel, stride, side):
    assert ConvNormAct(3, 4, kernel, stride)(torch.rand(2, 3, 10, 10)).shape == (2, 4, side, side)


def test_a_residual_block_that_adds_nothing_is_its_shortcut():
    block = ResidualBlock(4, 4).eval()
    torch.nn.init.zeros_(block.conv2[0].weight)
    x = torch.rand(1, 4, 6, 6)
    torch.testing.assert_close(block(x), x)


def test_reducing_before_upsampling_equals_reducing_after():
    block = UpBlock(3, 8, 4).eval()
    skip, x = torch.rand(1, 3, 12, 12), torch.rand(1, 8, 6, 6)
    upsampled = F.interpolate(x, scale_factor=2.0, mode="bilinear")
    torch.testing.assert_close(block(skip, x), block.refine(block.skip(skip) + block.reduce(upsampled)))


def test_attention_scales_between_0_and_1():
    x = torch.rand(2, 32, 5, 5) + 0.1
    factor = Cbam(32)(x) / x
    assert (factor > 0).all()
    assert (factor < 1).all()
