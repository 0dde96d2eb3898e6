"""The region of interest."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from medvos.errors import InputError
from medvos.propagation.heart_region import region_of_seed
from medvos.propagation.intensity import grey_window, normalise
from medvos.propagation.region import Region
from medvos.structures import LV, MYO, RV


def disk(shape: tuple[int, int], centre: tuple[float, float], radii: tuple[float, float]) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    return ((y - centre[0]) / radii[0]) ** 2 + ((x - centre[1]) / radii[1]) ** 2 <= 1


def as_maps(mask: np.ndarray) -> Tensor:
    return torch.from_numpy(mask.astype(np.float32))[None, None]


def centroid(maps: Tensor) -> np.ndarray:
    plane = maps[0, 0].double().numpy()
    return np.array([(axis * plane).sum() / plane.sum() for axis in np.mgrid[: plane.shape[0], : plane.shape[1]]])


def heart(extent_mm: float, mm: float, side: int = 256) -> np.ndarray:
    """(Y, X): a disk that is RV on the left and LV on the right."""
    whole = disk((side, side), (side // 2, side // 2), (extent_mm / mm / 2,) * 2)
    labels = whole.astype(np.uint8) * LV
    labels[:, : side // 2][whole[:, : side // 2]] = RV
    return labels


@pytest.mark.parametrize("corner", [(10, 20), (-5, 3), (30, -12), (-8, -8)])
def test_at_native_spacing_the_way_there_and_back_is_exact(corner):
    images = torch.rand(2, 3, 50, 60)
    region = Region(*corner, 32, 32, 32)
    back = region.place(region.to_box(region.extract(images)), (50, 60))
    inside = torch.zeros(50, 60, dtype=torch.bool)
    inside[max(corner[0], 0) : corner[0] + 32, max(corner[1], 0) : corner[1] + 32] = True
    torch.testing.assert_close(back[..., inside], images[..., inside])
    assert (back[..., ~inside] == 0).all()


def test_a_region_holds_what_lies_in_it_to_the_last_pixel():
    region = Region(2, 3, 4, 5, 16)
    mask = np.zeros((12, 12), bool)
    mask[2:6, 3:8] = True
    assert region.contains(mask)
    for place in ((1, 4), (6, 4), (3, 2), (3, 8)):
        beyond = mask.copy()
        beyond[place] = True
        assert not region.contains(beyond)


def test_outside_the_image_there_is_nothing():
    box = Region(-4, -2, 16, 16, 16).extract(torch.ones(1, 1, 10, 10))
    assert box[..., 4:14, 2:12].min() == 1
    assert box.sum() == 100


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(40, 130),
    width=st.integers(40, 130),
    side=st.sampled_from([32, 48, 64]),
    y=st.integers(-5, 30),
    x=st.integers(-5, 30),
)
def test_resampled_regions_put_things_back_where_they_were(height, width, side, y, x):
    shape = (y + height + 9, x + width + 14)
    centre = (y + 0.5 * height - 0.3, x + 0.5 * width + 0.4)
    mask = as_maps(disk(shape, centre, (0.3 * height, 0.3 * width)))
    region = Region(y, x, height, width, side)
    box = region.extract(mask)
    expected = (np.array(centre) - (y, x) + 0.5) * side / (height, width) - 0.5
    np.testing.assert_allclose(centroid(box), expected, atol=0.3 * side / min(height, width) + 0.05)
    back = region.place(region.to_box(box), shape)
    assert back.shape[-2:] == shape
    np.testing.assert_allclose(centroid(back), centroid(mask), atol=0.05)


@pytest.mark.parametrize("mm", [1.45, 1.5, 1.55])
def test_pixels_near_the_network_s_are_taken_as_they_are(mm):
    region = region_of_seed(heart(100, mm), (mm, mm), 1.5, 128)
    assert (region.height, region.width) == (128, 128)
    assert region.y + 64 == pytest.approx(128, abs=1)
    assert region.x + 64 == pytest.approx(128, abs=1)


@pytest.mark.parametrize("spacing", [(0.7, 0.7), (3.0, 3.0), (1.5, 2.0), (1.2, 0.9)])
def test_other_pixels_are_resampled_to_a_square_of_the_same_millimetres(spacing):
    labels = disk((200, 200), (100, 90), (50 / spacing[0], 50 / spacing[1])).astype(np.uint8) * RV
    region = region_of_seed(labels, spacing, 1.5, 128)
    assert region.height * spacing[0] == pytest.approx(192, rel=0.04)
    assert region.width * spacing[1] == pytest.approx(192, rel=0.04)
    assert region.y + region.height / 2 == pytest.approx(100.5, abs=1)
    assert region.x + region.width / 2 == pytest.approx(90.5, abs=1)


def test_human_hearts_are_given_pixels_of_their_size_within_limits():
    fields = [region_of_seed(heart(extent, 0.5), (0.5, 0.5), 1.5, 128).height * 0.5 for extent in (60, 95, 105, 130)]
    assert fields == pytest.approx([0.92 * 192, 0.95 * 192, 1.05 * 192, 1.1 * 192], rel=0.02)


@pytest.mark.parametrize(("extent", "mm"), [(8, 0.1), (30, 0.3), (300, 3.0)])
def test_the_region_is_scaled_to_hearts_of_another_size(extent, mm):
    region = region_of_seed(heart(extent, mm), (mm, mm), 1.5, 128, stack_mm=0.8 * extent)
    fraction = extent / (region.height * mm)
    assert 0.45 < fraction < 0.55


@pytest.mark.parametrize("label", [RV, MYO, LV])
def test_a_human_apex_does_not_shrink_the_region(label):
    apex = disk((256, 256), (128, 128), (4, 4)).astype(np.uint8) * label
    assert region_of_seed(apex, (1.5, 1.5), 1.5, 128, stack_mm=90).height >= 0.9 * 128


def test_a_structure_of_unknown_size_fills_half_of_the_field_at_most():
    small, large = (disk((400, 400), (200, 200), (r, r)).astype(np.uint8) * 7 for r in (5, 150))
    assert region_of_seed(small, (1.5, 1.5), 1.5, 128).height == 128
    assert region_of_seed(large, (1.5, 1.5), 1.5, 128).height == pytest.approx(2 * 301, abs=2)


def test_pixels_too_small_for_any_heart_are_refused_before_memory_goes():
    with pytest.raises(InputError, match="correct the spacing"):
        region_of_seed(heart(100, 1.0), (0.004, 0.004), 1.5, 128, stack_mm=90)


def test_grey_is_mapped_from_percentiles_and_clipped():
    box = np.arange(1001, dtype=np.float32)
    low, high = grey_window(box)
    assert (low, high) == (10, 990)
    found = normalise(torch.tensor([-50.0, 10.0, 500.0, 990.0, 5000.0]), (low, high))
    torch.testing.assert_close(found, torch.tensor([-2.0, -2.0, 0.0, 2.0, 2.0]))


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1e12])
def test_the_unit_of_the_greys_does_not_matter(scale):
    box = np.arange(1001, dtype=np.float32)
    scaled = torch.from_numpy(box * np.float32(scale))
    found = normalise(scaled, grey_window(scaled.numpy()))
    torch.testing.assert_close(found, normalise(torch.from_numpy(box), grey_window(box)), atol=1e-4, rtol=1e-4)


def test_an_image_of_one_grey_gives_finite_values():
    box = np.full((4, 4), 700, np.float32)
    assert normalise(torch.from_numpy(box), grey_window(box)).isfinite().all()
