"""Masks that were drawn in a painting program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from medvos.cine import Cine, read_seed
from medvos.cine.cine import Source
from medvos.errors import InputError

CLIP = Cine(np.zeros((4, 1, 20, 30), np.float32), np.eye(4), np.arange(4) * 20.0, 80.0)
ECHO = replace(CLIP, source=Source(kind="video"))


def drawn(value: int) -> np.ndarray:
    mask = np.zeros((20, 30), np.uint8)
    mask[5:12, 8:20] = value
    return mask


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".PNG"])
def test_white_on_black_is_the_lv(tmp_path, suffix):
    path = tmp_path / f"mask{suffix}"
    Image.fromarray(drawn(255)).save(path)
    seed = read_seed(path, CLIP, 2)
    np.testing.assert_array_equal(seed.labels[2, 0], drawn(3))
    assert np.argwhere(seed.drawn).tolist() == [[2, 0]]


def test_white_is_another_structure_where_the_user_says_so(tmp_path):
    Image.fromarray(drawn(255)).save(tmp_path / "mask.png")
    for text, label in {"la=255": 101, "other=255": 4, "lv=255": 3, "lv=3": 3, "la=3": 101}.items():
        seed = read_seed(tmp_path / "mask.png", ECHO, 0, labels=text)
        np.testing.assert_array_equal(seed.labels[0, 0], drawn(label), text)
        assert not seed.notes
    for text in ("la=1", "lv=1,myo=2,rv=3"):
        with pytest.raises(InputError, match="it has 255"):
            read_seed(tmp_path / "mask.png", ECHO, 0, labels=text)


def test_a_note_says_that_white_on_black_was_taken_as_the_lv(tmp_path):
    Image.fromarray(drawn(255)).save(tmp_path / "mask.png")
    Image.fromarray(drawn(3)).save(tmp_path / "three.png")
    for cine, beginning in ((ECHO, "The seed is white on black, which was taken as the LV; "), (CLIP, "The seed has")):
        (note,) = read_seed(tmp_path / "mask.png", cine, 0).notes
        assert note.startswith(beginning)
    assert not read_seed(tmp_path / "three.png", ECHO, 0).notes


@pytest.mark.parametrize("value", [3, 7])
def test_other_grey_values_are_label_numbers(tmp_path, value):
    Image.fromarray(drawn(value)).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_seed(tmp_path / "mask.png", CLIP, 0).labels[0, 0], drawn(value))


@pytest.mark.parametrize("value", [1, 2])
def test_a_grey_value_that_may_be_any_structure_is_asked_for(tmp_path, value):
    Image.fromarray(drawn(value)).save(tmp_path / "mask.png")
    with pytest.raises(InputError, match=f"label {value} alone"):
        read_seed(tmp_path / "mask.png", CLIP, 0)
    seed = read_seed(tmp_path / "mask.png", CLIP, 0, labels={"lv": value})
    np.testing.assert_array_equal(seed.labels[0, 0], drawn(3))


def test_one_bit_palettes_and_grey_colours_are_read_alike(tmp_path):
    grey = Image.fromarray(drawn(255))
    palette = Image.fromarray(drawn(3), "P")
    palette.putpalette([0, 0, 0, 9, 9, 9, 99, 0, 0, 255, 90, 54])
    for name, image in {"bit": grey.convert("1"), "rgb": grey.convert("RGB"), "palette": palette}.items():
        image.save(tmp_path / f"{name}.png")
        np.testing.assert_array_equal(read_seed(tmp_path / f"{name}.png", CLIP, 0).labels[0, 0], drawn(3), name)


def refused(tmp_path, image, words: str, cine: Cine = CLIP) -> None:
    path = tmp_path / "mask.png"
    if isinstance(image, bytes):
        path.write_bytes(image)
    else:
        image.save(path)
    with pytest.raises(InputError, match=words):
        read_seed(path, cine, 0)


def test_what_is_no_mask_of_this_clip_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    smooth = drawn(255)
    smooth[4, 8:20], smooth[12, 8:20] = 64, 191
    refused(tmp_path, Image.fromarray(smooth), "without smoothed borders")
    refused(tmp_path, Image.fromarray(drawn(255)[:, :25]), "25 x 20 pixels and the cine 30 x 20")
    refused(tmp_path, Image.fromarray(np.stack([drawn(255), drawn(9), drawn(0)], -1)), "colours")
    refused(tmp_path, Image.fromarray(drawn(255).astype(np.uint16) * 100), "8 bits")
    refused(tmp_path, Image.fromarray(rng.integers(0, 255, (20, 30), np.uint8)), "not an image")
    refused(tmp_path, Image.fromarray(drawn(0)), "no label")
    refused(tmp_path, b"\x89PNG\r\n\x1a\n broken", "damaged")


def test_a_stack_of_slices_needs_an_image_that_knows_its_slice(tmp_path):
    stack = Cine(np.zeros((4, 3, 20, 30), np.float32), np.eye(4), np.arange(4) * 20.0, 80.0)
    refused(tmp_path, Image.fromarray(drawn(255)), "NIfTI or NRRD label image", stack)
