from __future__ import annotations

import numpy as np
import pytest
import torch
from echo_files import DEPTH, TIP, a_sector

from medvos.propagation.region import Region
from medvos.segmentation.sector_region import is_whole_view, region_of_sector


def extracted(region: Region, image: np.ndarray) -> torch.Tensor:
    return region.extract(torch.from_numpy(image)[None, None])[0, 0]


def restored(region: Region, square: torch.Tensor, shape: tuple[int, int]) -> np.ndarray:
    return region.restore(square[None, None], shape)[0, 0].numpy()


def test_the_region_holds_the_whole_depth_with_the_tip_in_the_middle():
    region = region_of_sector(a_sector(), (1.0, 1.0), 112)
    assert region.height == region.width == pytest.approx(DEPTH * 1.064, abs=2)
    assert region.y == pytest.approx(TIP[0] - 0.06 * region.height, abs=1)
    assert region.x + region.width / 2 == pytest.approx(TIP[1], abs=1)


def test_it_is_a_square_in_mm():
    region = region_of_sector(a_sector(), (1.0, 0.5), 112)
    assert region.width == pytest.approx(2 * region.height, abs=1)


def test_a_square_image_cropped_to_its_sector_is_taken_as_it_is():
    sector = np.zeros((112, 112), bool)
    sector[8:] = True
    region = region_of_sector(sector, (1.0, 1.0), 112)
    image = np.random.default_rng(0).random((112, 112), np.float32)
    np.testing.assert_array_equal(extracted(region, image).numpy(), image)
    np.testing.assert_array_equal(restored(region, torch.from_numpy(image), (112, 112)), image)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.6, 0.9)])
def test_a_mask_returns_to_its_place(spacing):
    region = region_of_sector(a_sector(), spacing, 64)
    disk = np.hypot(*(np.mgrid[:120, :160] - np.array((60, 85))[:, None, None])) < 20
    back = restored(region, extracted(region, disk.astype(np.float32)), disk.shape) > 0.5
    assert 2 * (back & disk).sum() / (back.sum() + disk.sum()) > 0.95


def test_a_region_beyond_the_image_is_dark_there():
    sector = np.zeros((60, 200), bool)
    sector[:, 0:40] = True
    region = region_of_sector(sector, (1.0, 1.0), 64)
    assert region.x < 0
    square = extracted(region, np.ones((60, 200), np.float32))
    assert square[:, 0].max() == 0 and square[32, 32] == 1


def test_an_image_cropped_to_its_sector_is_distinguished_from_one_with_room_around_it():
    sector = np.zeros((112, 112), bool)
    sector[8:] = True
    assert is_whole_view(region_of_sector(sector, (1.0, 1.0), 112), sector.shape)
    assert not is_whole_view(region_of_sector(a_sector(), (1.0, 1.0), 112), a_sector().shape)


def test_text_around_a_view_does_not_change_its_region():
    sector = np.zeros((112, 112), bool)
    sector[8:] = True
    box = slice(12, 124), slice(24, 136)
    image = np.zeros((136, 160), bool)
    image[box] = sector
    region = region_of_sector(image, (1.0, 1.0), 112, box)
    assert is_whole_view(region, image.shape, box)
    assert (region.y, region.x, region.height, region.width) == (12, 24, 112, 112)
