from __future__ import annotations

import numpy as np
import pytest

from medvos.measure.centreline import wall_thickness

SIZE = 96


def a_disk(radius: float, spacing: tuple[float, float], centre: tuple[float, float]) -> np.ndarray:
    y, x = np.mgrid[:SIZE, :SIZE]
    return (y * spacing[0] - centre[0]) ** 2 + (x * spacing[1] - centre[1]) ** 2 < radius**2


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (1.5, 1.5), (1.2, 1.6)])
@pytest.mark.parametrize(("inner", "outer"), [(25.0, 33.0), (10.0, 24.0), (20.0, 24.0)])
def test_a_ring_has_its_thickness_all_round(spacing, inner, outer):
    centre = (48 * spacing[0], 47 * spacing[1])
    cavity = a_disk(inner, spacing, centre)
    points, thickness = wall_thickness(cavity, a_disk(outer, spacing, centre) & ~cavity, spacing)
    assert thickness.mean() == pytest.approx(outer - inner, abs=0.35)
    assert thickness == pytest.approx(np.full(len(points), outer - inner), abs=1.3)
    assert np.linalg.norm(points - centre, axis=1) == pytest.approx(np.full(len(points), (inner + outer) / 2), abs=0.6)


def test_an_eccentric_cavity_has_a_thick_and_a_thin_wall():
    cavity = a_disk(20, (1.0, 1.0), (48, 52))
    points, thickness = wall_thickness(cavity, a_disk(32, (1.0, 1.0), (48, 48)) & ~cavity, (1.0, 1.0))
    assert thickness[np.argmin(points[:, 1])] == pytest.approx(16, abs=0.5)
    assert thickness[np.argmax(points[:, 1])] == pytest.approx(8, abs=0.5)


def test_a_gap_in_the_wall_has_no_thickness():
    cavity = a_disk(20, (1.0, 1.0), (48, 48))
    wall = a_disk(28, (1.0, 1.0), (48, 48)) & ~cavity
    wall[:, 60:] = False
    points, thickness = wall_thickness(cavity, wall, (1.0, 1.0))
    assert points[:, 1].max() < 61
    assert np.median(thickness) == pytest.approx(8, abs=0.3)


def test_without_a_wall_or_a_cavity_there_is_nothing_to_measure():
    disk, nothing = a_disk(20, (1.0, 1.0), (48, 48)), np.zeros((SIZE, SIZE), bool)
    for cavity, wall in ((disk, nothing), (nothing, disk), (nothing, nothing)):
        assert len(wall_thickness(cavity, wall, (1.0, 1.0))[1]) == 0
