"""Weights in eight bits."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from medvos.models.eight_bit import FEWEST, SCALE, from_eight_bits, to_eight_bits


@given(seed=st.integers(0, 1000), exponent=st.integers(-20, 20))
def test_each_value_is_at_most_half_a_step_of_its_own_channel_away(seed, exponent):
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(5, 4, 3, 3, generator=generator) * 2.0**exponent
    weight[0] *= 1000  # a channel of large values costs the others nothing
    back = from_eight_bits(to_eight_bits({"conv.weight": weight}))["conv.weight"]
    half_step = weight.flatten(1).abs().amax(1) / 127 / 2
    assert ((back - weight).flatten(1).abs() <= half_step[:, None] * 1.001).all()


def test_the_largest_values_of_both_signs_are_kept():
    weight = torch.linspace(-3, 3, FEWEST).repeat(2, 1)
    back = from_eight_bits(to_eight_bits({"w": weight}))["w"]
    torch.testing.assert_close(back[:, [0, -1]], weight[:, [0, -1]])


def test_a_channel_of_zeros_stays_zero():
    assert not from_eight_bits(to_eight_bits({"w": torch.zeros(2, FEWEST)}))["w"].any()


@pytest.mark.parametrize(
    "value", [torch.randn(40), torch.randn(4, FEWEST - 1), torch.arange(40).reshape(4, 10), torch.tensor(1.0)]
)
def test_vectors_short_channels_and_whole_numbers_stay_as_they_are(value):
    packed = to_eight_bits({"x": value})
    assert list(packed) == ["x"]
    assert packed["x"] is value
    assert from_eight_bits(packed)["x"] is value


def test_a_rounded_tensor_takes_half_of_half_precision():
    packed = to_eight_bits({"w": torch.randn(64, 64, 3, 3).half()})
    assert {name: tensor.dtype for name, tensor in packed.items()} == {"w": torch.int8, "w" + SCALE: torch.float32}
    assert sum(tensor.nbytes for tensor in packed.values()) < 64 * 64 * 9 * 1.01
