"""The slices of a report stand as those of Slicer's views."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from medvos.cine.geometry import flipped
from medvos.cine.viewing import plane
from medvos.measure.measure import measure
from medvos.report.figures import figures_of
from medvos.report.orientation import edge_letters
from medvos.report.upright import upright
from medvos.result import Result

ORDERS = list(itertools.product((False, True), repeat=3))


def stored(result: Result, swaps: bool, rows: bool, columns: bool) -> Result:
    """The same heart with its rows and columns in another order, on a grid that is not square."""
    affine = result.cine.affine
    arrays = [array[..., :70, :] for array in (result.cine.array, result.labels, result.uncertainty)]
    for axis, reverses in enumerate((columns, rows)):
        if reverses:
            affine = flipped(affine, axis, arrays[0].shape[-1 - axis])
            arrays = [np.flip(array, -1 - axis) for array in arrays]
    if swaps:
        affine, arrays = affine[:, (1, 0, 2, 3)], [array.swapaxes(-1, -2) for array in arrays]
    cine = replace(result.cine, array=arrays[0], affine=affine)
    return replace(result, cine=cine, labels=arrays[1], uncertainty=arrays[2])


@pytest.mark.parametrize("order", ORDERS)
def test_whatever_the_order_of_rows_and_columns_the_slices_are_shown_alike(a_result: Result, order: tuple):
    expected, shown = upright(stored(a_result, False, False, False)), upright(stored(a_result, *order))
    np.testing.assert_array_equal(shown.labels, expected.labels)
    np.testing.assert_array_equal(shown.cine.array, expected.cine.array)
    np.testing.assert_allclose(shown.cine.affine, expected.cine.affine, atol=1e-9)


@pytest.mark.parametrize("order", ORDERS)
def test_rows_and_columns_run_as_in_the_views_and_no_voxel_moves(a_result: Result, order: tuple):
    before = stored(a_result, *order)
    after = upright(before)
    right, up, _ = plane(before.cine.affine).T
    assert after.cine.affine[:3, 0] @ right > 0 > after.cine.affine[:3, 1] @ up
    centres = [
        (each.cine.affine @ (*np.argwhere(each.labels[0] == 1).mean(axis=0)[::-1], 1))[:3] for each in (before, after)
    ]
    np.testing.assert_allclose(*centres, atol=1e-6)


def test_a_made_up_orientation_stays_as_it_is_stored(a_result: Result):
    made_up = replace(a_result, cine=replace(a_result.cine, affine=np.diag([1.5, 1.5, 8.0, 1.0])))
    assert upright(made_up) is made_up


def test_the_sheet_of_a_report_has_the_head_or_the_front_at_the_top(a_result: Result):
    turned = stored(a_result, True, False, True)
    letters = edge_letters(upright(turned).cine.affine)
    assert letters is not None and set(letters["top"]) & set("HA") and letters != edge_letters(turned.cine.affine)
    sheet = figures_of(turned, measure(turned)).sheet
    assert [text.get_text() for text in sheet.axes[0].texts][:4] == list(letters.values())
