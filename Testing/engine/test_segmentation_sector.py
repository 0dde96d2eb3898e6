from __future__ import annotations

import numpy as np
import pytest
from echo_files import SHAPE, a_sector, sector_images

from medvos.segmentation.sector import find_sector


def looks(images):
    change = np.abs(np.diff(images.astype(np.float32), axis=0)).mean(axis=0)
    return images.max(axis=0).astype(np.float32), change


def test_the_sector_is_found_and_what_is_burnt_in_is_not_part_of_it():
    found, true = find_sector(*looks(sector_images())), a_sector()
    assert (found & true).sum() / (found | true).sum() > 0.93
    assert not found[:16, :45].any()  # letters
    assert not found[:, -8:].any()  # ruler


def test_a_curve_that_moves_under_the_sector_is_not_part_of_it():
    images = sector_images()
    for t, image in enumerate(images):
        image[116, : 7 * t] = 255
    assert not find_sector(*looks(images))[114:].any()


@pytest.mark.parametrize("change", [0, 50])
def test_a_picture_that_is_still_or_moves_everywhere_has_no_sector(change):
    bright = np.full(SHAPE, 100, np.float32)
    assert find_sector(bright, np.full(SHAPE, change, np.float32)) is None
