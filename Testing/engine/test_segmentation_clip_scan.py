from __future__ import annotations

import numpy as np
import pytest
from echo_files import a_sector, sector_images, write_film, write_ultrasound

from medvos.cine.read import open_clip
from medvos.errors import InputError
from medvos.segmentation.clip_scan import grey_values, scan_clip


def coloured(images, fraction):
    """Red and blue flow over a part of the rows of the sector."""
    rgb = np.repeat(images[..., None], 3, -1)
    rows = slice(30, 30 + round(80 * fraction))
    rgb[:, rows, 70:80] = (230, 20, 10)
    rgb[:, rows, 80:90] = (10, 30, 220)
    return rgb


def test_a_clip_is_counted_and_its_sector_found(tmp_path):
    clip = open_clip(write_film(tmp_path / "x.avi", sector_images()))
    seen = scan_clip(clip)
    assert seen.frames == 24 and not seen.flow and not seen.notes
    assert (seen.sector & a_sector()).sum() / (seen.sector | a_sector()).sum() > 0.93


def test_a_region_of_the_file_bounds_the_sector(tmp_path):
    clip = open_clip(write_ultrasound(tmp_path / "x", sector_images(), box=(0, 80, 0, 159)))
    assert not scan_clip(clip).sector[81:].any()


def test_of_two_views_side_by_side_the_sector_is_that_in_the_region_of_the_file(tmp_path):
    small, large = sector_images()[:, ::2, ::2], sector_images()
    beside = np.concatenate([np.pad(small, ((0, 0), (0, 60), (0, 0))), large], 2)
    clip = open_clip(write_ultrasound(tmp_path / "x", beside, box=(0, 119, 0, 79)))
    seen = scan_clip(clip)
    assert not seen.sector[:, 80:].any() and not seen.notes
    assert (seen.sector[:60, :80] & a_sector()[::2, ::2]).sum() / a_sector()[::2, ::2].sum() > 0.9


def test_an_image_enlarged_after_its_region_was_written_is_refused(tmp_path):
    large = sector_images().repeat(2, 1).repeat(2, 2)
    with pytest.raises(InputError, match="outside the region"):
        scan_clip(open_clip(write_ultrasound(tmp_path / "x", large, box=(0, 119, 0, 159))))


def test_colours_of_flow_are_told_and_are_as_dark_as_blood(tmp_path):
    images = coloured(sector_images(), 0.5)
    clip = open_clip(write_film(tmp_path / "x.avi", images))
    seen = scan_clip(clip)
    assert seen.flow
    assert "flow" in seen.notes[0]
    levels = grey_values(next(clip.steady()), clip, seen.flow)
    assert levels[40, 75] == levels[40, 85] == 0
    assert levels[60, 40] == pytest.approx(images[0, 60, 40, 0] / 255)


@pytest.mark.parametrize("frames", [1, 5])
def test_a_still_picture_is_refused(tmp_path, frames):
    still = np.repeat(sector_images(1), frames, axis=0)
    with pytest.raises(InputError, match="give a clip of one heart beat"):
        scan_clip(open_clip(write_film(tmp_path / "x.avi", still)))


def test_a_film_of_something_else_is_looked_at_in_the_middle(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (5, 60, 80)).astype(np.uint8)
    seen = scan_clip(open_clip(write_film(tmp_path / "x.avi", noise)))
    assert "No sector" in seen.notes[0]
    assert seen.sector.all()
