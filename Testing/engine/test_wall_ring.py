"""Angle and depth in the wall."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_mvo import a_ring

from medvos.structures import LV, MYO
from medvos.wall_ring import carried, ring_of


def test_depth_goes_from_the_endocardium_to_the_epicardium():
    plane = a_ring()
    ring = ring_of(plane, (1.0, 1.0))
    row = ring.depth[31, 31:]  # from the cavity's middle to the right
    assert (np.diff(row[:20]) >= 0).all()
    assert row[0] == 0 and row[30] == 1
    assert row[14] == pytest.approx(1.5 / 6, abs=0.1)


def test_angles_begin_in_the_septum_and_grow_over_the_anterior_wall():
    ring = ring_of(a_ring(), (1.0, 1.0))
    assert abs(ring.angle[32, 16]) < 0.15  # the septum is to the left
    assert ring.angle[16, 32] == pytest.approx(np.pi / 2, abs=0.15)  # anterior is up
    assert abs(ring.angle[32, 47]) > np.pi - 0.15


def test_a_mirrored_picture_is_read_with_the_other_turn():
    plane = a_ring()[::-1]
    ring = ring_of(plane, (1.0, 1.0), turn=-1)
    assert ring.angle[47, 32] == pytest.approx(np.pi / 2, abs=0.15)


def test_pixels_need_not_be_square():
    ring = ring_of(a_ring()[::2], (2.0, 1.0))
    assert ring.depth[15, 46] == pytest.approx(ring_of(a_ring(), (1.0, 1.0)).depth[31, 46], abs=0.25)


def test_the_cavity_is_measured_inward_and_the_surroundings_outward():
    ring = ring_of(a_ring(), (1.0, 1.0))
    assert ring.inward.max() == 1 and ring.inward[31, 45] == 0
    assert ring.outward[31, 60] == pytest.approx(60 - 31.5 - 18, abs=1)


def test_what_was_found_keeps_its_place_in_the_wall_when_it_thickens():
    rest, squeezed = (ring_of(a_ring(64, *size), (1.0, 1.0)) for size in ((14, 6), (8, 10)))
    quarter = rest.wall & (np.abs(rest.angle - np.pi / 2) < np.pi / 4) & (rest.depth < 0.5)
    moved = carried(quarter, rest, squeezed)
    wanted = squeezed.wall & (np.abs(squeezed.angle - np.pi / 2) < np.pi / 4) & (squeezed.depth < 0.5)
    assert 2 * (moved & wanted).sum() / (moved.sum() + wanted.sum()) > 0.85
    assert not moved[~squeezed.wall].any()


def test_nothing_is_carried_where_nothing_was_found():
    ring = ring_of(a_ring(), (1.0, 1.0))
    assert not carried(np.zeros_like(ring.wall), ring, ring).any()


def test_a_slice_without_an_rv_starts_at_the_right():
    plane = np.where(np.isin(a_ring(), (MYO, LV)), a_ring(), 0)
    assert abs(ring_of(plane, (1.0, 1.0)).angle[32, 47]) < 0.1
