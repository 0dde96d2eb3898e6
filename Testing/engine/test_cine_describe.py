"""A cine in words."""

from __future__ import annotations

import numpy as np
import pytest
from cine_files import FOUR_CHAMBER, write_stack

from medvos.cine import Cine, describe, read
from medvos.cine.cine import Source


def test_a_person_reads_what_matters_and_no_name(tmp_path):
    write_stack(tmp_path / "sax", SeriesDescription="cine SAX", Manufacturer="Acme")
    write_stack(tmp_path / "lax", slices=1, series=9, orientation=FOUR_CHAMBER, SeriesDescription="4CH")
    text = describe(read(tmp_path))
    assert "DICOM, MR, Acme" in text
    assert "5, 160.0 ms apart, over 800 ms" in text
    assert "75 per minute" in text
    assert "3, 8.00 mm between centres" in text
    assert "24 x 20 pixels of 1.250 x 1.500 mm" in text
    assert "30 x 30 x 24 mm" in text
    assert "4 'cine SAX'" in text
    assert "Left out series 9 '4CH' in lax: another orientation" in text
    assert "Jane" not in text and "P1" not in text


def test_directions_are_those_of_the_patient():
    affine = np.diag([-1.0, -1.0, 8.0, 1.0])
    text = describe(Cine(np.zeros((2, 3, 9, 9), np.float32), affine, np.array([0.0, 400.0]), 1000.0))
    assert "image right is left, down is posterior, slices run superior" in text


def test_uneven_phases_and_an_unknown_heart_rate_are_said():
    text = describe(Cine(np.zeros((3, 1, 9, 9), np.float32), np.eye(4), np.array([0.0, 20.0, 70.0]), 100.0))
    assert "20.0 to 50.0 ms apart" in text and "not known" in text


def test_a_film_has_no_millimetres():
    film = Source(kind="video", spacing_known=False)
    text = describe(Cine(np.zeros((3, 1, 8, 9), np.float32), np.eye(4), np.array([0.0, 20.0, 40.0]), 60.0, film))
    assert "9 x 8 pixels of unknown size" in text and " mm" not in text


@pytest.mark.parametrize(
    ("spacing", "shape", "doubted"),
    [
        ((8.0, 1.4, 1.4), (10, 200, 200), False),
        ((10.0, 1.4, 1.4), (3, 200, 200), False),  # base, middle and apex alone
        ((1.5, 1.5, 1.5), (60, 200, 200), False),
        ((0.8, 0.1, 0.1), (9, 200, 200), False),  # a mouse
        ((1.0, 1.0, 1.0), (7, 95, 100), True),  # an affine that was lost
        ((8.0, 1.0, 1.0), (10, 60, 60), True),
        ((8.0, 14.0, 14.0), (10, 200, 200), True),
    ],
)
def test_a_size_that_fits_no_heart_is_noted(spacing: tuple[float, ...], shape: tuple[int, ...], doubted: bool):
    affine = np.diag([*reversed(spacing), 1.0])
    blank = np.broadcast_to(np.float32(0), (2, *shape))
    text = describe(Cine(blank, affine, np.array([0.0, 400.0]), 1000.0))
    assert ("the pixel size or the slice distance in the file may be wrong" in text) is doubted
