from __future__ import annotations

import numpy as np
import pytest

from medvos.propagation.heart_region import region_of_clip


def drawn(shape: tuple[int, int], rows: slice, cols: slice) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[rows, cols] = True
    return mask


@pytest.mark.parametrize("shape", [(112, 112), (112, 160), (200, 112)])
def test_a_structure_of_the_usual_size_is_seen_in_the_whole_picture(shape):
    region = region_of_clip(drawn(shape, slice(10, 70), slice(20, 50)), 112)
    assert region.height == region.width == max(shape)
    assert (region.y, region.x) == ((shape[0] - max(shape)) // 2, (shape[1] - max(shape)) // 2)


def test_a_small_structure_is_seen_from_nearer():
    region = region_of_clip(drawn((600, 800), slice(100, 140), slice(500, 530)), 112)
    assert (region.height, region.width) == (160, 160)
    assert (region.y, region.x) == (120 - 80, 515 - 80)


def test_a_single_pixel_can_be_followed_too():
    assert region_of_clip(drawn((64, 64), slice(5, 6), slice(5, 6)), 112).height == 4
