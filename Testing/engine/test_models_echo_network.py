from __future__ import annotations

from dataclasses import asdict, replace

import pytest
import torch
from tiny_echo import TINY_ECHO, an_echo_network

from medvos.models.echo.config import ECHO_COMPACT, ECHO_PAPER, ECHO_VIVIM, EchoConfig
from medvos.models.echo.stream import stream
from medvos.models.echo.vivim import EchoVivim
from medvos.models.fold import fold_batchnorm
from medvos.models.networks import echo_network


@pytest.mark.parametrize("k", [1, 3, 5])
def test_k_frames_give_the_logits_of_the_one_in_their_middle(k):
    network = an_echo_network(replace(TINY_ECHO, k=k))
    assert len(network.encoders) == k
    assert network(torch.rand(2, k, 32, 32)).shape == (2, 3, 32, 32)


def test_an_encoder_can_be_shared_by_the_places_in_time():
    network = an_echo_network(replace(TINY_ECHO, shared_encoder=True))
    assert len(network.encoders) == 1 and len(network.calibrations) == 2
    clip = torch.rand(1, 3, 32, 32)
    assert (network(clip.flip(1)) - network(clip)).abs().max() > 1e-5


@pytest.mark.parametrize("k", [3, 5])
def test_each_direction_has_calibrations_of_its_own(k):
    network = an_echo_network(replace(TINY_ECHO, k=k))
    clip = torch.rand(1, k, 32, 32)
    reference = network(clip)
    assert len(network.calibrations) == k - 1
    for direction in range(k - 1):
        other = an_echo_network(replace(TINY_ECHO, k=k))
        for calibration in other.calibrations[direction]:
            torch.nn.init.normal_(calibration.key.weight)
        with torch.inference_mode():
            roles = [network.encode(clip[:, role], role) for role in range(k)]
            changed = [other.encode(clip[:, role], role) for role in range(k)]
        same = [torch.equal(a.summaries[0], b.summaries[0]) for a, b in zip(roles, changed, strict=True)]
        assert same == [role != k // 2 for role in range(k)]  # keys are the present frame's
        assert (other(clip) - reference).abs().max() > 1e-6


def test_gates_are_open_on_a_batch_of_frames():
    network = an_echo_network(replace(ECHO_COMPACT, side=64))
    clips = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        before, present = (network.encode(clips[:, role], role) for role in (0, 1))
        for level, calibration in enumerate(network.calibrations[0]):
            gates = calibration.gates(before.summaries[level][:, 0], present.summaries[level][:, 0])
            assert ((gates > 0.01) & (gates < 0.99)).float().mean() > 0.95
            assert gates.std() > 0.01


def test_the_first_form_of_the_network_still_loads():
    """As released weights may have it: one structure, and calibrations that both neighbours share."""
    network = an_echo_network(replace(TINY_ECHO, gates="product", structures=(3,)))
    names = {name for name, _ in network.named_parameters()}
    assert "calibrations.0.motion" in names and not any("temperature" in name for name in names)
    assert network(torch.rand(1, 3, 32, 32)).shape == (1, 1, 32, 32)


def test_every_frame_matters_and_so_does_its_order():
    network = an_echo_network()
    clip = torch.rand(1, 3, 32, 32)
    reference = network(clip)
    for role in range(3):
        other = clip.clone()
        other[:, role] = 1 - other[:, role]
        assert (network(other) - reference).abs().max() > 1e-4
    assert (network(clip.flip(1)) - reference).abs().max() > 1e-5


def test_clips_of_a_batch_do_not_touch_each_other():
    network = an_echo_network()
    clips = torch.rand(3, 3, 32, 32)
    apart = torch.cat([network(clip[None]) for clip in clips])
    torch.testing.assert_close(network(clips), apart, atol=1e-5, rtol=1e-4)


@pytest.mark.usefixtures("single_precision")
def test_folding_the_normalisations_changes_nothing():
    network = an_echo_network()
    clips = torch.rand(2, 3, 32, 32)
    before = network(clips)
    fold_batchnorm(network)
    torch.testing.assert_close(network(clips), before, atol=1e-4, rtol=1e-3)


def test_the_gradient_reaches_every_weight():
    network = echo_network(TINY_ECHO)
    network(torch.rand(2, 3, 32, 32)).square().mean().backward()
    idle = [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    # A bias in front of a normalisation or of the largest of many does nothing in training.
    assert not [name for name in idle if not name.endswith("bias")]


def test_the_compact_network_ships_in_less_than_10_mb_and_takes_echonet_s_frames():
    network = echo_network(ECHO_COMPACT).eval()
    assert 2 * sum(weight.numel() for weight in network.state_dict().values()) < 10e6
    with torch.inference_mode():
        assert network(torch.rand(1, 3, 112, 112)).shape == (1, 3, 112, 112)


def test_the_paper_s_network_has_three_u_net_encoders_of_five_levels():
    with torch.device("meta"):
        network = echo_network(ECHO_PAPER)
    assert [len(encoder.levels) for encoder in network.encoders] == [5, 5, 5]
    for direction in network.calibrations:
        assert [c.motion.shape[0] for c in direction] == [64, 128, 256, 512, 512]
    assert sum(weight.numel() for weight in network.parameters()) == pytest.approx(74.8e6, rel=0.01)  # their Table 7


def test_a_configuration_survives_json_and_must_have_a_middle_frame():
    assert (
        EchoConfig.of({k: list(v) if isinstance(v, tuple) else v for k, v in asdict(ECHO_PAPER).items()}) == ECHO_PAPER
    )
    with pytest.raises(ValueError, match="no middle"):
        replace(ECHO_COMPACT, k=2)


def test_vivim_in_its_place_gives_the_logits_of_the_frame_in_the_middle():
    torch.manual_seed(0)
    network = echo_network(replace(ECHO_VIVIM, side=32)).eval()
    assert isinstance(network, EchoVivim) and network.pretrained == [network.vivim.encoder]
    clips = torch.rand(2, 3, 32, 32)
    reference = network(clips)
    assert reference.shape == (2, 3, 32, 32)
    for role in range(3):
        other = clips.clone()
        other[:, role] = 1 - other[:, role]
        assert (network(other) - reference).abs().max() > 1e-5
    frames = torch.rand(5, 32, 32)
    windows = torch.stack([frames[[max(t - 1, 0), t, min(t + 1, 4)]] for t in range(5)])
    found = torch.cat(list(stream(network, frames.split(2))))
    torch.testing.assert_close(found, network(windows).sigmoid(), atol=1e-5, rtol=1e-4)
