"""Attention and refinement at work."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_mvo import TINY_MVO, TINY_UNET, a_heart_slice, an_mvo_network

from medvos.models.networks import load_mvo
from medvos.models.store import resolve
from medvos.synth.infarct import Infarct
from medvos_lab.mvo.patients import simulated
from medvos_lab.mvo.shares import ATTENTION, REFINEMENT, shares

CPU = torch.device("cpu")
WALL = torch.zeros(2, 32, 32, dtype=torch.bool)
WALL[:, 8:24, 8:24] = True


def beats() -> list[tuple[torch.Tensor, torch.Tensor]]:
    torch.manual_seed(1)
    return [(torch.randn(2, 5, 32, 32), WALL)]


def test_attention_begins_at_nothing_and_its_share_grows_with_its_weight():
    network = an_mvo_network()
    assert shares(network, beats())[ATTENTION] == 0
    found = []
    for weight in (0.1, 1.0):
        for guide in network.body.guides:
            guide.weight.data.fill_(weight)
        found.append(shares(network, beats())[ATTENTION])
    assert 0 < found[0] < found[1]


def test_the_share_of_refinement_is_that_of_its_change():
    network = an_mvo_network()
    with torch.no_grad():
        whole = network(*beats()[0])[WALL]
        refine, network.body.refinement = network.body.refinement, None
        less = network(*beats()[0])[WALL]
    network.body.refinement = refine
    expected = 100 * (whole - less).square().mean().sqrt() / whole.std(correction=0)
    assert shares(network, beats())[REFINEMENT] == pytest.approx(float(expected), rel=1e-4)


def test_what_is_left_out_has_no_share():
    found = shares(an_mvo_network(replace(TINY_MVO, guided=False, refined=False)), beats())
    assert all(math.isnan(share) for share in found.values())
    assert math.isnan(shares(an_mvo_network(TINY_UNET), [(torch.randn(2, 10, 32, 32), WALL)])[ATTENTION])


def test_both_are_at_work_in_the_released_weights():
    network = load_mvo(resolve("mvo", "mvo"), CPU)
    assert network.config.motion_gain == 1
    patient = simulated([a_heart_slice(base_to_apex=z) for z in (0.4, 0.6)], [], "LAD", 5)
    frames = (patient.frames - 0.5) / 0.25
    assert shares(network, [(frames, patient.wall)])[ATTENTION] > 10
    # Little in this simple heart is in doubt, so refinement is asked as if much were.
    given = []
    refinement = network.body.refinement
    hook = refinement.register_forward_hook(lambda _, arguments, __: given.append(arguments))
    with torch.no_grad():
        network(frames, patient.wall)
        hook.remove()
        ((logits, features),) = given
        doubtful = (logits - logits.mean((2, 3), keepdim=True)) / 10
        changed = refinement(doubtful, features) - doubtful
    assert (changed[:, 1] - changed[:, 0])[patient.wall].square().mean().sqrt() > 0.1


def test_an_infarct_without_contrast_is_the_same_infarct_in_the_grey_of_healthy_wall():
    one, other = (Infarct.random(np.random.default_rng(3), [], "LAD", contrast) for contrast in (True, False))
    assert one.oedema > 0 and other.oedema == other.haemorrhage == 0
    assert (one.shift, one.severity, one.half_width) == (other.shift, other.severity, other.half_width)
    np.testing.assert_array_equal(one.roughness, other.roughness)


def test_without_contrast_the_heart_differs_by_its_motion_alone():
    heart = [a_heart_slice(base_to_apex=z) for z in (0.4, 0.6)]
    seen, plain = (simulated(heart, [], "LAD", 5, contrast) for contrast in (True, False))
    assert torch.equal(seen.wall, plain.wall)
    at_ed, at_es = ((seen.frames[:, t] - plain.frames[:, t]).abs().max() for t in (0, 2))
    assert at_ed > 0.01 and at_es > 0.01
