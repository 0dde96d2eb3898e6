"""The cine-MVO network and its parts."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tiny_mvo import TINY_MVO, TINY_UNET, an_mvo_network

from medvos.models.fold import fold_batchnorm
from medvos.models.mvo.config import MVO_COMPACT, MVO_PAPER, PARTS, VIVIM, MvoConfig
from medvos.models.mvo.encoders import differences
from medvos.models.mvo.guide import Guide, MotionAttention
from medvos.models.mvo.network import NOT_WALL, MvoNetwork
from medvos.models.mvo.refine import Refinement, doubt

WALL = torch.zeros(1, 32, 32, dtype=torch.bool)
WALL[:, 8:24, 8:24] = True


@pytest.mark.parametrize("frames", [5, 10, 15, 30])
def test_any_number_of_frames_gives_one_mask_in_the_wall(frames):
    with torch.no_grad():
        log_odds = an_mvo_network()(torch.randn(1, frames, 32, 32), WALL)
    assert log_odds.shape == (1, 32, 32)
    assert (log_odds[~WALL] == NOT_WALL).all() and (log_odds[WALL] > NOT_WALL).all()


@pytest.mark.parametrize("part", PARTS)
def test_each_part_can_be_left_out(part):
    whole, less = an_mvo_network(), an_mvo_network(replace(TINY_MVO, **{part: False}))
    count = [sum(p.numel() for p in network.parameters()) for network in (whole, less)]
    assert count[0] != count[1]
    with torch.no_grad():
        assert less(torch.randn(2, 5, 32, 32), WALL.expand(2, -1, -1)).shape == (2, 32, 32)


def test_attention_begins_at_nothing_and_can_learn():
    torch.manual_seed(0)
    guide = Guide(6, 4, 3, 4, frozenset(PARTS)).eval()
    frames, motion = torch.randn(1, 5, 6, 4, 4), torch.randn(1, 5, 6, 4, 4)
    found = guide(frames, motion)
    torch.testing.assert_close(found, guide.static(frames) + guide.motion(motion))
    found.square().sum().backward()
    assert guide.weight.grad.abs().min() > 0
    alone = Guide(6, 4, 3, 4, frozenset({"static", "motion", "guided"})).eval()
    torch.testing.assert_close(
        alone(frames, motion), alone.static(frames) + alone.attention(alone.static(frames), motion)
    )


def test_something_must_be_looked_at():
    with pytest.raises(ValueError, match="nothing to look at"):
        MvoConfig(static=False, motion=False)


def test_differences_close_the_circle():
    frames = torch.randn(2, 6, 4, 4)
    found = differences(frames)
    torch.testing.assert_close(found[:, 2], frames[:, 2] - frames[:, 3])
    torch.testing.assert_close(found[:, 5], frames[:, 5] - frames[:, 0])
    torch.testing.assert_close(found.sum(1), torch.zeros(2, 4, 4), atol=1e-5, rtol=0)


def test_the_gain_is_that_of_the_differences_alone():
    network, loud = an_mvo_network(), an_mvo_network(replace(TINY_MVO, motion_gain=8.0))
    loud.load_state_dict(network.state_dict())
    clip, still = torch.randn(1, 5, 32, 32), torch.randn(1, 1, 32, 32).expand(1, 5, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(loud(still, WALL), network(still, WALL))
        assert not torch.allclose(loud(clip, WALL), network(clip, WALL))
    assert MvoConfig.of({"design": "mvo"}).motion_gain == 1  # released weights have no such entry


def test_without_the_static_encoder_a_still_heart_says_nothing_of_its_grey():
    network = an_mvo_network(replace(TINY_MVO, static=False, guided=False))
    still = torch.rand(1, 1, 32, 32).expand(1, 5, 32, 32)
    with torch.no_grad():
        features = [network.body.motion(differences(x).flatten(0, 1)[:, None])[0] for x in (still, 3 * still)]
    torch.testing.assert_close(features[0], features[1])


@pytest.mark.parametrize("side", [4, 3])
def test_attention_within_a_window_equals_its_definition_also_where_the_map_does_not_fill_it(side):
    torch.manual_seed(1)
    attention = MotionAttention(5, 3, 4, 4).eval()
    asking, motion = torch.randn(1, 3, side, side), torch.randn(1, 6, 5, side, side)
    q = attention.query(asking).flatten(2)[0].T  # (places, 4)
    places = side * side
    expected = torch.zeros(places, 3)
    bias = torch.empty(places, places)
    for i in range(places):
        for j in range(places):
            bias[i, j] = attention.bias[i // side - j // side + 3, i % side - j % side + 3]
    for frame in motion[0]:
        k, v = (f(frame[None]).flatten(2)[0].T for f in (attention.key, attention.value))
        expected += (q @ k.T / 4**0.5 + bias).softmax(-1) @ v / 6
    torch.testing.assert_close(attention(asking, motion)[0].flatten(1).T, expected, atol=1e-5, rtol=1e-4)


def test_the_order_of_frames_does_not_matter_to_attention_and_maps_of_any_size_fit():
    attention = MotionAttention(5, 3, 4, 4).eval()
    asking, motion = torch.randn(2, 3, 6, 9), torch.randn(2, 7, 5, 6, 9)
    found = attention(asking, motion)
    assert found.shape == asking.shape
    torch.testing.assert_close(found, attention(asking, motion.flip(1)), atol=1e-5, rtol=1e-4)


def test_windows_do_not_see_each_other():
    attention = MotionAttention(5, 3, 4, 4).eval()
    asking, motion = torch.randn(1, 3, 8, 8), torch.randn(1, 2, 5, 8, 8)
    other = motion.clone()
    other[..., 4:, 4:] += 1
    before, after = attention(asking, motion), attention(asking, other)
    torch.testing.assert_close(before[..., :4, :4], after[..., :4, :4])
    assert not torch.allclose(before[..., 4:, 4:], after[..., 4:, 4:])


def test_doubt_is_one_where_both_are_as_likely_and_falls_from_there():
    p = torch.tensor([0.5, 0.6, 0.9, 1.0])[None, None, None]
    found = doubt(torch.cat([p, 1 - p], 1)).flatten()
    assert found[0] == pytest.approx(1) and found[1] == pytest.approx(torch.exp(torch.tensor(-0.5)).item())
    assert (found.diff() < 0).all() and found[3] < 1e-6


def test_refinement_leaves_what_is_sure():
    torch.manual_seed(0)
    refinement = Refinement(4).eval()
    logits = torch.zeros(1, 2, 16, 16)
    logits[:, 0, :, :8] = 12
    change = (refinement(logits, torch.randn(1, 4, 16, 16)) - logits).abs()
    assert change[..., :8].max() < 1e-3 < change[..., 8:].max()


def test_baselines_see_the_same_and_answer_the_same():
    for config in (TINY_UNET, replace(VIVIM, side=32)):
        with torch.no_grad():
            assert an_mvo_network(config)(torch.randn(1, 10, 32, 32), WALL).shape == (1, 32, 32)


def test_folding_changes_nothing():
    network, clip = an_mvo_network(), torch.randn(1, 5, 32, 32)
    with torch.no_grad():
        expected = network(clip, WALL)
        fold_batchnorm(network)
        torch.testing.assert_close(network(clip, WALL), expected, atol=1e-3, rtol=1e-3)


def test_the_compact_network_is_small_and_the_papers_has_two_resnets():
    compact, paper = (sum(p.numel() for p in MvoNetwork(c).parameters()) for c in (MVO_COMPACT, MVO_PAPER))
    assert 2 * compact < 10e6  # bytes in half precision
    assert paper > 2 * 8.5e6


def test_a_configuration_survives_json():
    import json
    from dataclasses import asdict

    assert MvoConfig.of(json.loads(json.dumps(asdict(MVO_PAPER)))) == MVO_PAPER
