"""The motion prior: until it is trained, a network with it computes the same as without."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
import torch
from tiny_network import TINY, a_cine, a_network, a_seed

from medvos.models.cstm.config import CstmConfig
from medvos.models.cstm.motion_prior import MotionPrior
from medvos.models.cstm.network import Cstm, Entry, Memory
from medvos.progress import Progress
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.memory_fallback import run_with_fallback
from medvos.propagation.settings import PropagationSettings

CPU = torch.device("cpu")


def grown(network: Cstm) -> Cstm:
    """The network with a motion prior that is not trained."""
    wider = Cstm(replace(network.config, motion=True)).eval()
    wider.load_state_dict(network.state_dict(), strict=False)
    return wider


def a_segmentation(network: Cstm, carried: torch.Tensor | None) -> torch.Tensor:
    torch.manual_seed(1)
    frame = network.encode_frame(torch.randn(2, 3, 64, 64))
    masks = (torch.rand(2, 3, 64, 64) > 0.6).float()
    memory = Memory.of([Entry.of(frame, network.encode_masks(frame, masks))])
    return network.segment(frame, memory, torch.ones(2, 3, dtype=torch.bool), carried).logits


@torch.no_grad()
def test_a_new_motion_prior_changes_nothing():
    network = a_network()
    carried = torch.rand(2, 4, 64, 64)
    torch.testing.assert_close(a_segmentation(grown(network), carried), a_segmentation(network, None), rtol=0, atol=0)


@torch.no_grad()
def test_once_it_is_trained_carried_masks_matter_and_all_zeros_are_as_none():
    wider = grown(a_network())
    assert wider.decoder.motion is not None
    for convolution in wider.decoder.motion.out:
        torch.nn.init.normal_(convolution.weight)
    without = a_segmentation(wider, None)
    assert not torch.allclose(a_segmentation(wider, torch.rand(2, 4, 64, 64)), without)
    torch.testing.assert_close(a_segmentation(wider, torch.zeros(2, 4, 64, 64)), without)


def test_gradients_reach_what_starts_at_zero():
    prior = MotionPrior(3, (8, 4))
    at4, at1 = prior(torch.rand(2, 4, 16, 16))
    (at4.sum() + at1.sum()).backward()
    assert all(convolution.weight.grad.abs().sum() > 0 for convolution in prior.out)


def test_structures_beyond_a_group_are_decoded_in_groups():
    at4, at1 = MotionPrior(3, (8, 4))(torch.rand(2, 6, 16, 16))
    assert at4.shape == (4, 8, 4, 4) and at1.shape == (4, 4, 16, 16)


def test_older_configurations_have_no_motion_prior():
    entries = {name: value for name, value in asdict(TINY).items() if name != "motion"}
    assert CstmConfig.of(entries) == TINY and not TINY.motion


@pytest.mark.parametrize("phases", [4, 9])  # too few phases to be followed, and enough
def test_propagation_with_a_new_motion_prior_is_propagation_without(phases: int):
    network = a_network()
    cine = a_cine(phases, 3)
    seed = a_seed(cine, (1, 1))
    counts: list[int] = []
    results = []

    def report(progress: Progress) -> None:
        counts.append(progress.done)

    for either in (network, grown(network)):
        inputs = PropagationInputs.of(cine, seed, either.config)
        results.append(run_with_fallback(inputs, either, CPU, PropagationSettings(), report).slices)
    for before, after in zip(*results, strict=True):
        torch.testing.assert_close(after.probabilities, before.probabilities, rtol=0, atol=0)
    half = len(counts) // 2
    assert counts[:half] == counts[half:]
