"""The 4D engine, led through a small region by a network with random weights or by a stand-in that copies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_network import TINY, a_network
from torch import Tensor

from medvos.models.cstm.encoders import FrameFeatures, Values
from medvos.models.cstm.network import Cstm, Memory, Prediction
from medvos.propagation.correction_plan import CorrectionPlan
from medvos.propagation.propagator import Propagator, SeedMasks
from medvos.propagation.settings import PropagationSettings
from medvos.propagation.slice_result import SliceResult

SIDE = 64
FREE = PropagationSettings(mirrored=False, absent_below=0.0)


def frames(phases: int = 4, slices: int = 4) -> Tensor:
    coarse = torch.randn(phases, slices, 8, 8, generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.interpolate(coarse, (SIDE, SIDE), mode="bicubic")


def a_mask(structures: int = 3) -> Tensor:
    """(S, H, W): neighbouring columns."""
    mask = torch.zeros(structures, SIDE, SIDE)
    for s in range(structures):
        mask[s, 16:48, 16 + 8 * s : 24 + 8 * s] = 1
    return mask


def seeds(images: Tensor, *places: tuple[int, int], mask: Tensor | None = None) -> SeedMasks:
    """The same drawing at all `places`, the first of which is the start."""
    mask = a_mask() if mask is None else mask
    masks = torch.zeros(*images.shape[:2], *mask.shape)
    drawn = np.zeros(tuple(images.shape[:2]), bool)
    for place in places:
        masks[place], drawn[place] = mask, True
    return SeedMasks(masks, drawn, places[0])


def propagated(
    network: Cstm, images: Tensor, drawn: SeedMasks, settings: PropagationSettings = FREE
) -> list[SliceResult]:
    return Propagator(network, images, drawn, settings).run()


def volume(results: list[SliceResult]) -> Tensor:
    """(T, Z, S + 1, H, W)."""
    return torch.stack([result.probabilities for result in results], 1)


class Copier(torch.nn.Module):
    """Stands in for the network: a frame's masks are those of the newest memory entry; keys are mean greys."""

    def __init__(self, presence: float = 10.0) -> None:
        super().__init__()
        self.config, self.presence = TINY, presence
        self.looked_up: list[tuple[list[float], list[list[float]]]] = []

    def encode_frame(self, image: Tensor) -> FrameFeatures:
        grey = image[:, 1:2, :1, :1]
        return FrameFeatures(image, *[grey] * 6)

    def encode_masks(self, frame: FrameFeatures, masks: Tensor) -> Values:
        return Values(masks[:, None], masks[:, None])

    def segment(self, frame: FrameFeatures, memory: Memory, seeded: Tensor) -> Prediction:
        self.looked_up.append((frame.k8.flatten().tolist(), memory.k8.flatten(1).tolist()))
        masks = memory.v8[:, -1, 0]
        logits = torch.cat([1 - masks.sum(1, keepdim=True), masks], 1) * 40
        return Prediction(logits, torch.full(seeded.shape, self.presence))


def numbered(phases: int, slices: int) -> Tensor:
    """Frames whose grey is 10 times the phase plus the slice."""
    number = 10.0 * torch.arange(phases)[:, None] + torch.arange(slices)
    return number[:, :, None, None].expand(phases, slices, SIDE, SIDE)


@pytest.fixture(scope="module")
def network() -> Cstm:
    return a_network()


def test_a_drawing_reaches_every_slice_and_phase():
    images = numbered(5, 4)
    results = propagated(Copier(), images, seeds(images, (3, 1)))
    assert [result.z for result in results] == [0, 1, 2, 3]
    expected = torch.cat([1 - a_mask().sum(0, keepdim=True), a_mask()]).expand(5, 4, -1, -1, -1)
    torch.testing.assert_close(volume(results), expected)
    assert all(result.spread.max() < 1e-6 for result in results)


def test_time_is_walked_both_ways_round_and_slices_outwards():
    images = numbered(5, 3)
    copier = Copier()
    propagated(copier, images, seeds(images, (4, 1)), replace(FREE, outer_fraction=0))
    asked = [queries for queries, _ in copier.looked_up]
    assert asked[:4] == [[1, 31], [11, 21], [21, 11], [31, 1]]
    assert asked[4:] == [[2, 12, 22, 32, 42], [0, 10, 20, 30, 40]]


def test_a_frame_looks_up_the_seed_and_the_frame_before_it():
    images = numbered(4, 3)
    copier = Copier()
    propagated(copier, images, seeds(images, (0, 1)), replace(FREE, outer_fraction=0))
    found = dict(zip([tuple(q) for q, _ in copier.looked_up], [m for _, m in copier.looked_up], strict=True))
    assert found[11, 31] == [[1], [1]]  # the frame before is the seed, which need not be there twice
    assert found[21, 21] == [[1, 11], [1, 31]]
    assert found[2, 12, 22, 32] == [[1, 1], [1, 11], [1, 21], [1, 31]]


def test_outer_slices_also_look_at_the_phase_before_and_after():
    images = numbered(3, 5)
    copier = Copier()
    propagated(copier, images, seeds(images, (0, 0)), replace(FREE, outer_fraction=0.5))
    memories = [[row[1:] for row in m] for q, m in copier.looked_up if q == [4, 14, 24]]
    assert memories == [
        [[3], [13], [23]],
        [[24, 3], [4, 13], [14, 23]],
        [[14, 3], [24, 13], [4, 23]],
    ]
    assert sum(q == [1, 11, 21] for q, _ in copier.looked_up) == 1


def test_every_seed_is_permanent_memory():
    images = numbered(3, 3)
    copier = Copier()
    propagated(copier, images, seeds(images, (0, 1), (2, 0)), replace(FREE, outer_fraction=0))
    assert all({1.0, 20.0} <= set(row) for _, memory in copier.looked_up for row in memory)


def test_drawn_slices_stay_as_drawn_and_lead_on(network):
    images = frames(5, 4)
    other = a_mask().flip(1).roll(5, 2)
    drawn = seeds(images, (1, 1), (4, 1), (2, 3))
    drawn.masks[4, 1] = drawn.masks[2, 3] = other
    results = propagated(network, images, drawn)
    for (phase, z), mask in (((1, 1), a_mask()), ((4, 1), other), ((2, 3), other)):
        torch.testing.assert_close(results[z].probabilities[phase, 1:], mask)
        assert results[z].spread[phase].max() == 0
        assert results[z].presence[phase].tolist() == [1, 1, 1]
    lone = propagated(network, images, seeds(images, (1, 1)))
    assert not torch.allclose(volume(results)[3, 1], volume(lone)[3, 1], atol=1e-3)


def test_from_a_drawn_phase_on_the_way_follows_that_drawing():
    images = numbered(6, 1)
    drawn = seeds(images, (0, 0), (2, 0))
    drawn.masks[2, 0] = later = a_mask().roll(8, 1)
    (result,) = propagated(Copier(), images, drawn)
    torch.testing.assert_close(result.probabilities[3, 1:], 0.75 * later + 0.25 * a_mask())
    torch.testing.assert_close(result.probabilities[1, 1:], 0.5 * later + 0.5 * a_mask())
    assert result.spread[3].max() > 0.1


@pytest.mark.parametrize("settings", [FREE, PropagationSettings()])
def test_what_comes_out_is_a_distribution(network, settings):
    images = frames()
    for result in propagated(network, images, seeds(images, (0, 2)), settings):
        torch.testing.assert_close(result.probabilities.sum(1), torch.ones(4, SIDE, SIDE))
        assert result.probabilities.min() >= -1e-6
        assert result.spread.min() >= 0
        assert ((result.presence >= 0) & (result.presence <= 1)).all()


def test_turning_the_beat_turns_the_result(network):
    images = frames(5, 3)
    first = volume(propagated(network, images, seeds(images, (1, 1), (4, 2))))
    for turn in (1, 3):
        turned = seeds(images, ((1 + turn) % 5, 1), ((4 + turn) % 5, 2))
        torch.testing.assert_close(volume(propagated(network, images.roll(turn, 0), turned)), first.roll(turn, 0))


def test_a_beat_that_runs_backwards_gives_the_result_backwards(network):
    images = frames(5, 3)
    first = volume(propagated(network, images, seeds(images, (1, 1))))
    backwards = volume(propagated(network, images.flip(0), seeds(images, (3, 1))))
    torch.testing.assert_close(backwards.flip(0), first, atol=1e-4, rtol=1e-4)


def test_a_stack_upside_down_gives_the_result_upside_down():
    network = a_network(replace(TINY, slice_context=False))
    images = frames(3, 4)
    first = volume(propagated(network, images, seeds(images, (1, 1))))
    flipped = volume(propagated(network, images.flip(1), seeds(images, (1, 2))))
    torch.testing.assert_close(flipped.flip(1), first, atol=1e-4, rtol=1e-4)


def test_the_batch_size_changes_nothing(network):
    images = frames(5, 3)
    whole = volume(propagated(network, images, seeds(images, (1, 1))))
    parts = volume(propagated(network, images, seeds(images, (1, 1)), replace(FREE, batch=2)))
    torch.testing.assert_close(parts, whole, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize(("phases", "slices"), [(2, 3), (3, 1), (1, 3), (1, 1)])
def test_the_shortest_beats_and_stacks_work(network, phases, slices):
    images = frames(phases, slices)
    results = propagated(network, images, seeds(images, (phases - 1, 0)), PropagationSettings())
    assert volume(results).shape == (phases, slices, 4, SIDE, SIDE)


def test_structures_nobody_drew_are_nowhere_and_not_in_the_picture(network):
    images = frames()
    mask = a_mask()
    mask[:2] = 0
    for result in propagated(network, images, seeds(images, (0, 1), mask=mask)):
        assert result.probabilities[:, 1:3].max() < 1e-5
        assert result.presence[:, :2].max() == 0
        assert result.presence[:, 2].min() > 0


def test_a_structure_said_to_be_absent_is_left_out_but_not_where_it_was_drawn():
    images = numbered(3, 3)
    results = propagated(Copier(presence=-3.0), images, seeds(images, (0, 1)), PropagationSettings(absent_below=0.5))
    assert volume(results)[0, 1, 1:].amax((1, 2)).tolist() == [1, 1, 1]
    assert volume(results)[:, [0, 2], 0].min() == 1
    assert volume(results)[1:, 1, 0].min() == 1


def test_the_mean_of_two_ways_has_the_variance_of_their_mixture():
    directions = torch.rand(2, 5, 3, 4, SIDE, SIDE).softmax(3)  # two runs of five equally likely ways each
    a, b = (
        SliceResult(
            0, direction.mean(0), (direction - direction.mean(0)).square().sum(2).mean(0), torch.full((3, 3), fraction)
        )
        for direction, fraction in zip(directions, (0.2, 0.6), strict=True)
    )
    found, every = SliceResult.mean(a, b), directions.flatten(0, 1)
    torch.testing.assert_close(found.probabilities, every.mean(0))
    torch.testing.assert_close(found.spread, (every - every.mean(0)).square().sum(2).mean(0))
    torch.testing.assert_close(found.presence, torch.full((3, 3), 0.4))


def test_a_mirrored_result_is_mirrored():
    p, spread = torch.rand(3, 4, 5, 6), torch.rand(3, 5, 6)
    found = SliceResult(2, p, spread, torch.ones(3, 3)).mirrored()
    torch.testing.assert_close(found.probabilities[..., 0], p[..., -1])
    torch.testing.assert_close(found.spread[..., 0], spread[..., -1])
    assert found.z == 2


def test_a_corrected_slice_is_led_round_the_beat_and_its_neighbours_follow():
    images = numbered(4, 6)
    copier = Copier()
    drawn = seeds(images, (0, 1), (2, 3))
    drawn.masks[2, 3] = other = a_mask().roll(8, 1)
    before = a_mask().expand(4, 6, -1, -1, -1)
    plan = CorrectionPlan((0, 1), {(2, 3): 2}, {2: (1, 3), 4: (3, None)})
    results = Propagator(copier, images, drawn, FREE).run_corrections(plan, before)
    assert [result.z for result in results] == [2, 3, 4]
    near = torch.tensor([0, 0.5, 1, 0.5])[:, None, None, None]  # temporal_proximity of each phase to the drawn one
    led = near * other + (1 - near) * a_mask()
    torch.testing.assert_close(results[1].probabilities[:, 1:], led)
    torch.testing.assert_close(results[2].probabilities[:, 1:], led)
    torch.testing.assert_close(results[0].probabilities[:, 1:], near / 2 * led + (1 - near / 2) * a_mask())
    asked = [set(queries) for queries, _ in copier.looked_up]
    assert all(slices <= {i * 10 + z for i in range(4) for z in (2, 3, 4)} for slices in asked)


def test_each_slice_is_given_away_as_soon_as_it_is_done(network):
    images = frames(3, 4)
    given: list[SliceResult] = []
    results = Propagator(network, images, seeds(images, (0, 1)), FREE, on_slice=given.append).run()
    assert [result.z for result in given] == [1, 2, 3, 0]
    assert all(results[result.z] is result for result in given)
