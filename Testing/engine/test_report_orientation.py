"""Letters of the patient's directions at the edges of an image."""

from __future__ import annotations

import numpy as np
import pytest

from medvos.measure.measure import measure
from medvos.report.contact_sheet import contact_sheet
from medvos.report.orientation import edge_letters
from medvos.result import Result


def turned(degrees: float) -> np.ndarray:
    """An axial image as usual (x to the patient's left, y to the back), turned in its plane."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    affine = np.eye(4)
    affine[:3, :3] = np.array([[-cos, sin, 0], [-sin, -cos, 0], [0, 0, 1]]) @ np.diag([1.5, 1.5, 8.0])
    return affine


@pytest.mark.parametrize(
    ("degrees", "right", "bottom"), [(10, "L", "P"), (100, "P", "R"), (45, "LP", "PR"), (190, "R", "A")]
)
def test_they_name_where_each_edge_points(degrees: float, right: str, bottom: str):
    letters = edge_letters(turned(degrees))
    assert letters is not None
    assert set(letters["right"]) == set(right) and set(letters["bottom"]) == set(bottom)
    opposite = str.maketrans("RLAPHF", "LRPAFH")
    assert letters["left"] == letters["right"].translate(opposite)
    assert letters["top"] == letters["bottom"].translate(opposite)


def test_upright_images_name_head_and_foot():
    affine = np.eye(4)
    affine[:3, :3] = np.array([[-0.98, 0, 0.2], [0.2, 0, 0.98], [0, -1, 0]])  # y to the feet
    letters = edge_letters(affine)
    assert letters is not None and (letters["top"], letters["bottom"]) == ("H", "F")


def test_an_orientation_that_was_made_up_has_none():
    assert edge_letters(turned(0)) is None


def test_the_first_tile_of_the_sheet_has_them(a_result: Result):
    figure = contact_sheet(a_result, measure(a_result))
    letters = edge_letters(a_result.cine.affine)
    assert letters is not None
    assert [text.get_text() for text in figure.axes[0].texts][:4] == list(letters.values())
