"""A place of the wall, carried through the beat."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import rotate
from tiny_mvo import a_ring

from medvos.segmentation.through_beat import _carried, carry_through_beat
from medvos.structures import MYO

SPACING = (1.4, 1.4)


def a_beat(side: int = 90) -> np.ndarray:
    """(4, Y, X): the cavity narrows and the wall thickens, in a corner of a large picture."""
    rings = [a_ring(48, radius, 18 - radius) for radius in (12.0, 10.0, 8.0, 11.0)]
    image = np.zeros((4, side, side), np.uint8)
    image[:, 3:51, 20:68] = rings
    return image


def test_the_rest_of_the_picture_changes_nothing():
    heart = a_beat()
    found = (heart[1] == MYO) & (np.arange(90) < 25)[:, None]
    cut, whole = (np.stack(list(direction(found, heart, 1, SPACING))) for direction in (carry_through_beat, _carried))
    np.testing.assert_array_equal(cut, whole)


def test_the_share_of_the_wall_and_its_side_stay():
    heart = a_beat()
    upper = (np.arange(90) < 27)[:, None]
    found = (heart[0] == MYO) & upper
    for phase, here in enumerate(carry_through_beat(found, heart, 0, SPACING)):
        wall = heart[phase] == MYO
        assert not (here & ~wall).any()
        assert abs(here.sum() / wall.sum() - found.sum() / (heart[0] == MYO).sum()) < 0.05
        assert (here == (wall & upper)).mean() > 0.98


def test_it_turns_with_the_septum():
    heart = a_beat()
    turned = np.zeros_like(heart[0])
    turned[3:51, 20:68] = rotate(heart[0, 3:51, 20:68], 40, reshape=False, order=0)
    heart[2] = turned
    upper = (heart[0] == MYO) & (np.arange(90) < 27)[:, None]
    expected = np.zeros_like(upper)
    expected[3:51, 20:68] = rotate(upper[3:51, 20:68].astype(np.uint8), 40, reshape=False, order=0) > 0
    here = list(carry_through_beat(upper, heart, 0, SPACING))[2]
    assert 2 * (here & expected).sum() / (here.sum() + expected.sum()) > 0.9


def test_a_phase_without_a_cavity_has_nothing_and_nothing_stays_nothing():
    heart = a_beat()
    heart[2][heart[2] == 3] = 0
    found = heart[0] == MYO
    counts = [int(here.sum()) for here in carry_through_beat(found, heart, 0, SPACING)]
    assert counts[2] == 0 and all(counts[phase] > 0 for phase in (0, 1, 3))
    assert not any(here.any() for here in carry_through_beat(np.zeros_like(found), heart, 0, SPACING))
