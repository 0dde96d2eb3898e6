from __future__ import annotations

import torch

from medvos_lab.motion.flow import displacement, follow, identity, look_up


def a_velocity(size: float = 0.2) -> torch.Tensor:
    """Smooth, and nothing at the edges."""
    torch.manual_seed(0)
    coarse = torch.nn.functional.interpolate(torch.randn(2, 2, 4, 4), (14, 14), mode="bicubic")
    ticks = torch.linspace(-1, 1, 14)
    return size * coarse * (1 - ticks[:, None] ** 2) * (1 - ticks**2)


def test_pixels_of_a_picture_are_found_where_they_are():
    image = torch.rand(1, 1, 6, 6)
    torch.testing.assert_close(look_up(image, identity(6)[None]), image)


def test_a_constant_velocity_moves_all_points_alike():
    velocity = torch.tensor([0.2, -0.1])[None, :, None, None].expand(1, 2, 14, 14)
    moved = displacement(velocity, torch.tensor([0.5]))
    torch.testing.assert_close(moved, torch.tensor([0.1, -0.05])[None, :, None, None].expand(1, 2, 28, 28))


def test_the_way_back_undoes_the_way_there():
    velocity, base = a_velocity(), identity(56).expand(2, -1, -1, -1)
    there = follow(base, displacement(velocity, torch.ones(2)))
    back = follow(there, displacement(velocity, -torch.ones(2)))
    assert (there - base).abs().max() > 0.1
    assert (back - base).abs().max() < 0.02


def test_two_halves_of_the_way_are_the_whole_way():
    velocity, base = a_velocity(), identity(56).expand(2, -1, -1, -1)
    half = displacement(velocity, torch.full((2,), 0.5))
    whole = follow(base, displacement(velocity, torch.ones(2)))
    assert (follow(follow(base, half), half) - whole).abs().max() < 0.02


def test_no_way_at_all_leaves_every_point():
    assert not displacement(a_velocity(), torch.zeros(2)).any()
