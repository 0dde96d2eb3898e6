from __future__ import annotations

import numpy as np
import pytest
from echo_files import sector_images, write_film, write_ultrasound

from medvos.cine import read
from medvos.cine.read import open_clip
from medvos.errors import InputError

IMAGES = sector_images(30)


def spoil(path, fraction, length):
    """Overwrite a stretch in a file."""
    content = bytearray(path.read_bytes())
    first = int(fraction * len(content))
    content[first : first + length] = bytes(length)
    path.write_bytes(content)
    return path


def test_a_clip_read_picture_by_picture_is_the_whole_one(tmp_path):
    path = write_film(tmp_path / "x.avi", IMAGES)
    clip, cine = open_clip(path), read(path)
    np.testing.assert_array_equal([p[..., 0] for p in clip.steady()], cine.array[:, 0])
    grid = clip.grid(30)
    assert grid.shape == cine.shape and grid.period == cine.period
    np.testing.assert_array_equal(grid.times, cine.times)
    np.testing.assert_array_equal(grid.affine, cine.affine)
    assert not grid.array.any()


def test_a_film_damaged_in_the_middle_keeps_its_time(tmp_path):
    cine = read(spoil(write_film(tmp_path / "x.avi", IMAGES, codec="png", pixels="rgb24"), 0.51, 200))
    assert cine.shape[0] == 30
    assert "1 frames are damaged" in cine.source.notes[-1]
    np.testing.assert_array_equal(cine.array[[0, -1], 0], IMAGES[[0, -1]])


def test_a_film_whose_order_is_lost_in_the_middle_is_read_up_to_there(tmp_path):
    path = write_film(tmp_path / "x.avi", IMAGES, codec="png", pixels="rgb24")
    cine = read(spoil(path, 0.5, path.stat().st_size // 10))
    assert 10 <= cine.shape[0] < 30
    assert "header claims 30 frames" in cine.source.notes[-1]


def test_a_film_cut_short_is_read_as_far_as_it_goes(tmp_path):
    path = write_film(tmp_path / "x.avi", IMAGES, codec="mjpeg", pixels="yuvj420p")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    cine = read(path)
    assert 5 < cine.shape[0] < 28


def test_a_film_of_mostly_damaged_pictures_is_refused(tmp_path):
    path = write_film(tmp_path / "x.avi", IMAGES, codec="png", pixels="rgb24")
    for fraction in np.arange(0.1, 0.9, 0.02):
        spoil(path, fraction, 200)
    with pytest.raises(InputError, match=r"x\.avi"):
        read(path)


def test_a_damaged_picture_in_dicom_is_stood_in_for_by_the_one_before(tmp_path):
    path = write_ultrasound(tmp_path / "x", IMAGES)
    from pydicom import dcmread
    from pydicom.uid import RLELossless

    data = dcmread(path)
    data.compress(RLELossless)
    data.save_as(path)
    content = bytearray(path.read_bytes())
    middle = content.index(b"\xfe\xff\x00\xe0", int(0.5 * len(content)))
    content[middle + 8 : middle + 72] = b"\xff" * 64  # the header of one image's run lengths
    path.write_bytes(content)
    cine = read(path)
    assert cine.shape[0] == 30
    assert any("1 frames are damaged" in note for note in cine.source.notes)
    spoilt = [t for t in range(30) if (cine.array[t, 0] != IMAGES[t]).any()]
    assert len(spoilt) == 1
    np.testing.assert_array_equal(cine.array[spoilt[0], 0], IMAGES[spoilt[0] - 1])


@pytest.mark.parametrize("colours", ["RGB", "YBR_FULL", "PALETTE COLOR"])
def test_colours_of_dicom_become_the_same_grey(tmp_path, colours):
    tags: dict = {"PhotometricInterpretation": colours}
    pixels = np.repeat(IMAGES[..., None], 3, -1)
    if colours == "YBR_FULL":
        pixels = np.stack([IMAGES, np.full_like(IMAGES, 128), np.full_like(IMAGES, 128)], -1)
    if colours == "PALETTE COLOR":
        pixels = 255 - IMAGES
        for name in ("Red", "Green", "Blue"):
            tags[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
            tags[f"{name}PaletteColorLookupTableData"] = (np.arange(255, -1, -1, "<u2") * 257).tobytes()
    clip = open_clip(write_ultrasound(tmp_path / "x", pixels, **tags))
    first = next(clip.steady())
    found = first.mean(axis=-1) * (255 / clip.white) if first.ndim == 3 else first
    np.testing.assert_allclose(found, IMAGES[0], atol=1)


def test_the_tissue_region_gives_pixel_size_and_place(tmp_path):
    clip = open_clip(write_ultrasound(tmp_path / "x", IMAGES, box=(2, 110, 3, 150)))
    assert clip.grid(30).spacing[1:] == pytest.approx((0.8, 0.8))
    assert clip.box == (slice(2, 111), slice(3, 151))
    assert clip.grid(30).source.description["modality"] == "US"


@pytest.mark.parametrize("box", [(0, 500, 0, 500), (2, 8, 3, 150), (2, 110, 80, 90)])
def test_a_region_outside_the_picture_or_too_narrow_for_a_heart_is_passed_over(tmp_path, box):
    assert open_clip(write_ultrasound(tmp_path / "x", IMAGES, box=box)).box is None


def test_what_is_no_clip_is_refused(tmp_path):
    (tmp_path / "x.nii.gz").write_bytes(b"x")
    with pytest.raises(InputError, match="not an ultrasound clip"):
        open_clip(tmp_path / "x.nii.gz")
