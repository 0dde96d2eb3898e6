"""Temporal Mamba layer and its feed-forward."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from tiny_vivim import TINY_VIVIM

from medvos.models.vivim.layer import DetailFeedForward, TemporalMambaLayer


def test_three_convolutions_over_pictures_are_one_over_the_volume():
    torch.manual_seed(0)
    detail = DetailFeedForward(4, 6)
    clip = torch.randn(2, 5, 7, 3, 4)
    kernel = torch.stack([detail.before.weight, detail.present.weight, detail.after.weight], 2)  # (6, 1, 3, 3, 3)
    wide = detail.widen(clip).permute(0, 4, 1, 2, 3)
    whole = F.conv3d(wide, kernel, detail.present.bias, padding=1, groups=6)
    expected = detail.narrow(F.gelu(whole).permute(0, 2, 3, 4, 1))
    torch.testing.assert_close(detail(clip), expected, atol=1e-5, rtol=1e-5)


def test_a_frame_sees_its_neighbours_in_time_and_no_other():
    torch.manual_seed(0)
    detail = DetailFeedForward(4, 6)
    clip = torch.randn(1, 5, 3, 3, 4)
    other = clip.clone()
    other[0, 1, 1, 1] += 3
    assert (detail(clip) != detail(other)).flatten(2).any(2)[0].tolist() == [True, True, True, False, False]
    assert detail(clip[:, :1]).shape == (1, 1, 3, 3, 4)


def test_a_layer_adds_to_what_it_gets():
    layer = TemporalMambaLayer(8, TINY_VIVIM)
    for part in (layer.mamba.leave, layer.detail.narrow):
        torch.nn.init.zeros_(part.weight)
    torch.nn.init.zeros_(layer.detail.narrow.bias)
    clip = torch.randn(1, 2, 3, 3, 8)
    torch.testing.assert_close(layer(clip), clip)
