"""The whole network: shapes, any number of frames, weights that are stored and folded."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tiny_vivim import TINY_MIT, TINY_VIVIM, a_vivim, store_vivim

from medvos.errors import InputError
from medvos.models.networks import load_vivim
from medvos.models.store import available, resolve
from medvos.models.vivim import network as module
from medvos.models.vivim.config import SCANS, VIVIM_COMPACT, VIVIM_PAPER, VivimConfig
from medvos.models.vivim.network import Vivim


@pytest.mark.parametrize("config", [TINY_VIVIM, TINY_MIT])
@pytest.mark.parametrize("shape", [(1, 1, 32, 32), (2, 3, 32, 64), (1, 11, 32, 32)])
def test_every_frame_gets_its_logits(config, shape):
    b, t, h, w = shape
    found = a_vivim(config)(torch.randn(b, t, 3, h, w))
    assert found.logits.shape == (b, t, 4, h, w)
    assert found.edges.shape[:2] == (b, t)


@pytest.mark.parametrize("config", [TINY_VIVIM, TINY_MIT])
def test_parts_of_a_clip_at_a_time_give_the_same(config, monkeypatch):
    network, clip = a_vivim(config), torch.randn(1, 5, 3, 32, 32)
    expected = network(clip).logits
    monkeypatch.setattr(module, "FRAMES_AT_ONCE", 2)
    torch.testing.assert_close(network(clip).logits, expected, atol=1e-5, rtol=1e-4)


def test_frames_know_of_each_other_and_without_time_they_do_not():
    clip = torch.randn(1, 4, 3, 32, 32)
    other = clip.clone()
    other[0, 3] += torch.randn(3, 32, 32)
    for config, knows in ((TINY_VIVIM, True), (replace(TINY_VIVIM, temporal_depths=(0, 0, 0)), False)):
        network = a_vivim(config)
        with torch.no_grad():
            difference = (network(clip).logits - network(other).logits)[0, 0].abs().max()
        assert (float(difference) > 1e-6) is knows


def test_every_weight_but_those_of_the_boundary_learns_from_the_logits():
    network = a_vivim().train()
    network(torch.randn(2, 3, 3, 32, 32)).logits.square().mean().backward()
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
    assert {name.split(".")[0] for name in idle} <= {"boundary", "encoder"}
    assert not [name for name in idle if name.startswith("encoder") and "_blocks" in name]


def test_sizes_are_those_of_the_paper_and_of_what_can_be_shipped():
    assert VIVIM_PAPER.dims == (64, 128, 320, 512) and VIVIM_PAPER.depths == (3, 4, 18, 3)
    assert (VIVIM_PAPER.states, VIVIM_PAPER.expand, VIVIM_PAPER.temporal_depths) == (16, 2, (2, 2, 2, 2))
    bytes_in_half = 2 * sum(p.numel() for p in Vivim(VIVIM_COMPACT).parameters())
    assert bytes_in_half < 10e6
    assert VIVIM_COMPACT.scans == VIVIM_PAPER.scans == SCANS


def test_weights_come_back_from_the_store_with_their_configuration(tmp_path, monkeypatch):
    network = a_vivim()
    store_vivim(tmp_path, network)
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    (info,) = available()
    assert VivimConfig.of(info.config) == TINY_VIVIM
    loaded = load_vivim(resolve("tiny", "vivim"), torch.device("cpu"))
    clip = torch.randn(1, 2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(loaded(clip).logits, network(clip).logits, atol=2e-2, rtol=2e-2)
    with pytest.raises(InputError, match="The model 'tiny' is not for this task"):
        resolve("tiny")
