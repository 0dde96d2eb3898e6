from __future__ import annotations

import numpy as np
import pytest

from medvos.measure.simpson import biplane, disk_diameters, long_axis, main_part, single_plane

SPACING = (0.5, 0.5)  # mm
APEX_TO_BASE = 80.0


def an_lv(radius: float, tilt: float = 0.0, spacing: tuple[float, float] = SPACING) -> np.ndarray:
    """Half an ellipse, its apex on top: semi-axes ``radius`` and 80 mm, cut off where it is widest."""
    y, x = np.mgrid[:320, :320]
    down, right = (y - 160) * spacing[0], (x - 160) * spacing[1]
    along = down * np.cos(tilt) + right * np.sin(tilt)
    across = right * np.cos(tilt) - down * np.sin(tilt)
    base = 40.0
    return ((along - base) / APEX_TO_BASE) ** 2 + (across / radius) ** 2 < (along < base)


def half_ellipsoid(first: float, second: float) -> float:
    """mL."""
    return 2 / 3 * np.pi * first * second * APEX_TO_BASE / 1000


@pytest.mark.parametrize("tilt", [0.0, 0.3, -0.7, np.pi / 2, np.pi])
def test_axis_and_annulus_are_found_at_any_tilt(tilt):
    axis = long_axis(an_lv(25.0, tilt), SPACING)
    assert axis.length == pytest.approx(APEX_TO_BASE, abs=1.5)
    assert np.linalg.norm(np.subtract(*axis.annulus)) == pytest.approx(50, abs=2)
    down, right = (axis.base - axis.apex) / axis.length
    assert (down, right) == pytest.approx((np.cos(tilt), np.sin(tilt)), abs=0.04)


@pytest.mark.parametrize("radius", [12.0, 25.0, 32.0])
@pytest.mark.parametrize("tilt", [0.0, 0.4])
def test_one_view_of_half_an_ellipsoid_gives_its_volume(radius, tilt):
    assert single_plane(an_lv(radius, tilt), SPACING) == pytest.approx(half_ellipsoid(radius, radius), rel=0.015)


def test_two_views_give_the_volume_of_an_ellipsoid_with_three_axes():
    views = (an_lv(20.0), an_lv(30.0, 0.3))
    assert biplane(views, (SPACING, SPACING)) == pytest.approx(half_ellipsoid(20, 30), rel=0.015)


def test_the_views_may_differ_in_pixel_size():
    views = (an_lv(20.0), an_lv(30.0, spacing=(0.6, 0.7)))
    assert biplane(views, (SPACING, (0.6, 0.7))) == pytest.approx(half_ellipsoid(20, 30), rel=0.015)


def test_the_disks_narrow_from_the_annulus_to_the_apex():
    mask = an_lv(25.0)
    diameters = disk_diameters(mask, SPACING, long_axis(mask, SPACING))
    assert len(diameters) == 20
    height = (np.arange(20) + 0.5) / 20
    assert diameters == pytest.approx(50 * np.sqrt(1 - height**2), abs=2)


def test_a_mask_of_a_few_pixels_has_no_volume():
    mask = np.zeros((50, 50), bool)
    assert single_plane(mask, SPACING) is None
    mask[10, 10:15] = True
    assert single_plane(mask, SPACING) is None
    mask[10, :] = True
    assert single_plane(mask, SPACING) == pytest.approx(0, abs=0.05)


def test_a_speck_beside_the_lv_is_left_out():
    mask = an_lv(25.0)
    speck = mask.copy()
    speck[:8, :8] = True
    assert (main_part(speck) == mask).all()


def test_the_apex_of_real_masks_is_up_and_disks_agree_with_the_area_length_formula(data_folder):
    """EchoNet shows the apex on top; 8 A^2 / (3 pi L) is exact for half ellipses, too little for cones."""
    with np.load(data_folder / "echonet_edes" / "train.npz") as file:
        masks = np.unpackbits(file["mask"][:60], axis=-1)[..., :112].reshape(-1, 112, 112).astype(bool)
    axes = [long_axis(mask, (1.0, 1.0)) for mask in masks]
    assert np.mean([axis.apex[0] < axis.base[0] for axis in axes]) > 0.97
    volumes = np.array([single_plane(mask, (1.0, 1.0)) for mask in masks])
    area_length = [8 * mask.sum() ** 2 / (3000 * np.pi * axis.length) for mask, axis in zip(masks, axes, strict=True)]
    assert np.median(volumes / area_length) == pytest.approx(1.04, abs=0.05)
