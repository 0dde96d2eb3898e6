from __future__ import annotations

import numpy as np
import pytest

from medvos.cine.cine import Cine
from MedVOSSegmentLib.session.positions import middle_of, point_of, slice_at


def test_a_slice_is_found_again_from_its_point(small_cine: Cine):
    for z in range(small_cine.shape[1]):
        assert slice_at(small_cine, point_of(small_cine, z)) == z
        assert slice_at(small_cine, point_of(small_cine, z, (3.0, 70.0))) == z


def test_beyond_the_stack_the_last_slice_is_the_nearest(small_cine: Cine):
    normal = small_cine.affine[:3, 2]
    below = tuple(np.array(point_of(small_cine, 0)) - 2 * normal)
    above = tuple(np.array(point_of(small_cine, 5)) + 2 * normal)
    assert (slice_at(small_cine, below), slice_at(small_cine, above)) == (0, 5)


def test_the_point_of_a_slice_is_in_its_middle(small_cine: Cine):
    corners = [point_of(small_cine, 2, (0, 0)), point_of(small_cine, 2, (79, 79))]
    assert point_of(small_cine, 2) == pytest.approx(tuple(np.mean(corners, axis=0)))


def test_the_middle_of_a_drawing_is_in_its_middle():
    labels = np.zeros((10, 10), np.uint8)
    assert middle_of(labels) is None
    labels[2:5, 6:9] = 2
    assert middle_of(labels) == (3.0, 7.0)
