"""Surfaces from slices that lie far apart."""

from __future__ import annotations

import numpy as np
import pytest

from medvos.export.surface import Surface, surface_of

# 1.4 mm pixels, slices 10 mm apart, oblique.
ROTATION = np.linalg.qr(np.array([[0.6, -0.5, 0.6], [0.7, 0.7, -0.1], [-0.4, 0.5, 0.8]]))[0]
AFFINE = np.eye(4)
AFFINE[:3, :3] = ROTATION * [1.4, 1.4, 10.0]
AFFINE[:3, 3] = [20.0, -30.0, 40.0]
SHAPE = (11, 64, 64)
CENTRE = np.array([5.0, 32.0, 32.0])
LPS = np.array([-1.0, -1.0, 1.0])


def ball(radius: float, centre: np.ndarray = CENTRE) -> np.ndarray:
    away = (np.indices(SHAPE).transpose(1, 2, 3, 0) - centre) * [10.0, 1.4, 1.4]
    return np.linalg.norm(away, axis=-1) < radius


def place_of(voxel: np.ndarray) -> np.ndarray:
    """LPS of a voxel (z, y, x)."""
    return (AFFINE[:3, :3] @ voxel[::-1] + AFFINE[:3, 3]) * LPS


def is_closed(surface: Surface) -> bool:
    """Every edge belongs to two triangles, which run along it in opposite directions."""
    a, b, c = surface.triangles.T
    edges = np.concatenate([np.c_[a, b], np.c_[b, c], np.c_[c, a]])
    once = {tuple(edge) for edge in edges.tolist()}
    return len(once) == len(edges) and all(edge[::-1] in once for edge in once)


def normals(surface: Surface) -> np.ndarray:
    a, b, c = surface.points[surface.triangles].transpose(1, 0, 2)
    found = np.cross(b - a, c - a)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_a_ball_comes_back_round_where_it_was():
    surface = surface_of(ball(40.0), AFFINE)
    away = surface.points - place_of(CENTRE)
    distance = np.linalg.norm(away, axis=1)
    assert is_closed(surface)
    assert surface.volume_ml == pytest.approx(4 / 3 * np.pi * 4.0**3, rel=0.05)
    # The tips lie half a slice beyond the last slices; all the rest is within half a slice of the ball.
    assert abs(distance - 40).max() < 5.5
    assert np.abs(away.mean(0)).max() < 1


def test_there_are_no_stairs_between_the_slices():
    """On a cone whose slices shrink by 4 mm each, no triangle of the side lies flat or stands upright."""
    y, x = np.indices(SHAPE[1:])
    away = np.hypot(y - 32, x - 32) * 1.4
    mask = np.stack([away < 40 - 4 * z if 1 <= z <= 8 else away < 0 for z in range(11)])
    surface = surface_of(mask, AFFINE)
    axis = place_of(CENTRE + np.array([1.0, 0, 0])) - place_of(CENTRE)
    axis /= np.linalg.norm(axis)
    middle = surface.points[surface.triangles].mean(1)
    height = (middle - place_of(np.array([0.0, 32.0, 32.0]))) @ axis / 10
    side = (height > 1.2) & (height < 7.8)
    slope = np.degrees(np.arcsin(normals(surface)[side] @ axis))
    expected = np.degrees(np.arctan(4 / 10))
    assert abs(np.mean(slope) - expected) < 2
    assert np.percentile(abs(slope - expected), 99) < 15


def test_it_looks_outwards_in_left_and_right_handed_grids():
    mirrored = AFFINE @ np.diag([-1.0, 1, 1, 1])
    for affine in (AFFINE, mirrored):
        surface = surface_of(ball(40.0), affine)
        outward = surface.points[surface.triangles].mean(1) - surface.points.mean(0)
        assert surface.volume_ml > 0 and ((normals(surface) * outward).sum(1) > 0).mean() > 0.99


def test_a_thin_wall_that_moves_from_slice_to_slice_has_no_holes():
    cavities, wholes = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    y, x = np.indices(SHAPE[1:])
    for z in range(2, 9):
        away = np.hypot(y - 32, x - 24 - 2 * z) * 1.4
        cavities[z], wholes[z] = away < 20, away < 23
    wall = wholes & ~cavities
    surface = surface_of(wall, AFFINE, cavities)
    assert is_closed(surface)
    corners = len(surface.points) - 3 * len(surface.triangles) // 2 + len(surface.triangles)
    assert corners == 0  # Euler's number of a ring: one hole, the cavity's, and no other
    assert surface.volume_ml == pytest.approx(wall.sum() * 19.6 / 1000, rel=0.1)


def test_a_wall_without_its_cavity_is_a_structure_like_any_other():
    with_none, with_empty = (surface_of(ball(30.0), AFFINE, cavity) for cavity in (None, np.zeros(SHAPE, bool)))
    np.testing.assert_array_equal(with_none.points, with_empty.points)


@pytest.mark.parametrize("case", ["at the border of the picture", "one slice", "a gap", "one voxel", "fine slices"])
def test_any_mask_gives_a_closed_surface(case: str):
    affine = AFFINE
    mask = ball(40.0)
    if case == "at the border of the picture":
        mask = ball(40.0, np.array([0.0, 2.0, 60.0]))
    elif case == "one slice":
        mask[[0, 1, 2, 3, 4, 6, 7, 8, 9, 10]] = False
    elif case == "a gap":
        mask[5] = False
    elif case == "one voxel":
        mask = np.zeros(SHAPE, bool)
        mask[5, 32, 32] = True
    else:
        affine = AFFINE @ np.diag([1, 1, 0.1, 1])
    surface = surface_of(mask, affine)
    assert is_closed(surface) and surface.volume_ml > 0
    if case != "one voxel":
        voxel = abs(np.linalg.det(affine[:3, :3])) / 1000
        assert surface.volume_ml == pytest.approx(mask.sum() * voxel, rel=0.15)


def test_no_voxel_has_no_surface():
    assert surface_of(np.zeros(SHAPE, bool), AFFINE) is None
