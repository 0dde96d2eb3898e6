"""In-plane grids."""

from __future__ import annotations

import numpy as np
from cine_files import SHORT_AXIS, a_frame, image

from medvos.cine.inplane import offset_pixels, resampled, same_grid

ROW, COLUMN = np.array(SHORT_AXIS[:3]), np.array(SHORT_AXIS[3:])


def test_position_is_no_part_of_the_grid_but_size_spacing_and_direction_are():
    assert same_grid(a_frame(), a_frame(position=np.ones(3)))
    assert not same_grid(a_frame(), a_frame(shape=(20, 25)))
    assert not same_grid(a_frame(), a_frame(pixel_spacing=(1.25, 1.25)))
    assert not same_grid(a_frame(), a_frame(orientation=np.concatenate([COLUMN, ROW])))


def test_offsets_are_in_rows_and_columns():
    np.testing.assert_allclose(offset_pixels(3.0 * COLUMN + 2.5 * ROW, a_frame()), (2, 2), atol=1e-3)


def test_swapped_axes_are_swapped_back():
    turned = a_frame(orientation=np.concatenate([COLUMN, ROW]), pixel_spacing=(1.25, 1.5), shape=(24, 20))
    found = resampled(image(0, 0).T[None].astype(np.float32), turned, a_frame(), np.zeros(3))
    np.testing.assert_allclose(found[0], image(0, 0), atol=0.05)
