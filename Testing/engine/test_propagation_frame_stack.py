"""The frames of a cine and their features."""

from __future__ import annotations

from dataclasses import replace

import torch
from tiny_network import TINY, a_network

from medvos.propagation.frame_stack import FrameStack

FRAMES = torch.arange(6.0).reshape(2, 3, 1, 1).expand(2, 3, 64, 64)  # frame number = 3 phase + slice


def channels(context: bool, z: int) -> list[list[float]]:
    network = a_network(replace(TINY, slice_context=context))
    return FrameStack(network, FRAMES, 8).images(z)[:, :, 0, 0].tolist()


def test_a_frame_comes_with_the_slices_below_and_above_it():
    assert channels(True, 1) == [[0, 1, 2], [3, 4, 5]]


def test_the_end_slices_stand_in_for_what_is_beyond():
    assert channels(True, 0) == [[0, 0, 1], [3, 3, 4]]
    assert channels(True, 2) == [[1, 2, 2], [4, 5, 5]]


def test_without_context_a_frame_is_shown_three_times():
    assert channels(False, 1) == [[1, 1, 1], [4, 4, 4]]


@torch.no_grad()
def test_features_are_computed_once_for_a_slice_whatever_the_batch():
    network = a_network()
    frames = torch.randn(5, 2, 64, 64, generator=torch.Generator().manual_seed(0))
    sizes: list[int] = []
    network.key_encoder.register_forward_hook(lambda module, given, made: sizes.append(len(given[0])))
    whole, split = FrameStack(network, frames, 8).slice(1), FrameStack(network, frames, 2)
    for ours, theirs in zip(split.slice(1), whole, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=1e-3)
    split.slice(1)
    assert sizes == [5, 2, 2, 1]
