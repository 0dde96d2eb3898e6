"""Dense motion between frames, and masks carried along it."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from medvos.propagation.dense_motion import beat_motion, chain_to, dense_motion, motion_both_ways, sampled_at


def blobs(shift: tuple[float, float], side: int = 64) -> torch.Tensor:
    """(1, H, W) smooth texture whose content lies ``shift`` (x, y) pixels further right and down."""
    torch.manual_seed(0)
    coarse = F.interpolate(torch.randn(1, 1, 12, 12), (side, side), mode="bicubic")
    motion = -torch.tensor(shift).view(1, 2, 1, 1).expand(1, 2, side, side)
    return sampled_at(coarse, motion)[0]


@pytest.mark.parametrize("shift", [(0.0, 0.0), (1.5, -0.5), (4.0, 3.0)])
def test_a_shift_is_found(shift: tuple[float, float]):
    motion = dense_motion(blobs((0, 0)), blobs(shift))[0, :, 12:-12, 12:-12]
    error = motion.mean((1, 2)) - torch.tensor(shift)
    assert error.abs().max() < 0.15


def test_both_ways_at_once_are_as_one_after_the_other():
    one, other = torch.cat([blobs((0, 0)), blobs((2, 1))]), torch.cat([blobs((1.5, -0.5)), blobs((0, 0))])
    there, back = motion_both_ways(one, other)
    torch.testing.assert_close(there, dense_motion(one, other))
    torch.testing.assert_close(back, dense_motion(other, one))


def test_sampling_without_motion_changes_nothing():
    maps = torch.rand(2, 3, 8, 9)
    torch.testing.assert_close(sampled_at(maps, torch.zeros(2, 2, 8, 9)), maps)


def a_round_trip(phases: int = 8, reach: float = 3.0) -> torch.Tensor:
    """(T, H, W): content that moves right and back once a beat."""
    places = [reach * (1 - float(torch.cos(torch.tensor(2 * torch.pi * t / phases)))) / 2 for t in range(phases)]
    return torch.cat([blobs((place, 0)) for place in places])


def test_masks_are_carried_there_and_back():
    chain = chain_to(0, beat_motion(a_round_trip()))
    mask = torch.zeros(1, 64, 64)
    mask[:, 24:40, 24:40] = 1
    carried = chain.carry(mask)
    assert carried.shape == (8, 2, 64, 64)
    centre = (carried[:, 0] * torch.arange(64.0)).sum((1, 2)) / carried[:, 0].sum((1, 2))
    assert centre[0].item() == pytest.approx(31.5)
    assert (centre[4] - centre[0]).item() == pytest.approx(3, abs=0.3)
    assert (centre[1] - centre[7]).abs().item() < 0.2


def test_at_the_start_the_mask_is_the_drawn_one_and_sure():
    images = a_round_trip()
    mask = (torch.rand(2, 64, 64) > 0.5).float()
    carried = chain_to(3, beat_motion(images)).carry(mask)
    torch.testing.assert_close(carried[3, :2], mask)
    assert (carried[3, 2] == 1).all()
    assert carried[:, 2].max() <= 1 and carried[:, 2].min() >= 0


def test_confidence_falls_where_the_motion_there_is_not_the_motion_back():
    images = a_round_trip()
    noisy = images.clone()
    noisy[2] = torch.randn(64, 64)
    sure, doubtful = (
        chain_to(0, beat_motion(frames)).carry(torch.zeros(1, 64, 64))[3, 1] for frames in (images, noisy)
    )
    assert doubtful.mean() < sure.mean() - 0.1
