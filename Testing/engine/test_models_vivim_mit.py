"""Stages of the Mix Transformer."""

from __future__ import annotations

import pytest
import torch

from medvos.models.vivim.config import VIVIM_PAPER
from medvos.models.vivim.encoders import MitEncoder
from medvos.models.vivim.mit import MitStage, ReducedAttention


@pytest.mark.parametrize(("stride", "side"), [(4, 8), (2, 16)])
def test_a_stage_divides_the_picture_by_its_stride(stride, side):
    stage = MitStage(3, 16, stride, 2, 2, 2)
    assert stage(torch.randn(2, 3, 32, 32)).shape == (2, 16, side, side)


def test_keys_and_values_of_a_coarser_picture_still_reach_every_pixel():
    torch.manual_seed(0)
    attention = ReducedAttention(8, 2, 2)
    image = torch.randn(1, 4, 4, 8)
    other = image.clone()
    other[0, 3, 3] += 5
    assert ((attention(image) - attention(other)).abs() > 1e-6).any(-1).all()


def test_the_paper_s_encoder_has_the_size_of_mit_b3():
    parameters = sum(p.numel() for p in MitEncoder(VIVIM_PAPER).parameters())
    assert parameters / 1e6 == pytest.approx(44.1, abs=0.1)  # SegFormer's table 6 says 44.0 million
