"""Correlated errors of borders."""

from __future__ import annotations

import numpy as np
import pytest
from uncertain_heart import SLICE_MM, a_result

from medvos.structures import LV
from medvos.uncertainty.areas import DEVIATES, STATED, area_tables
from medvos.uncertainty.borders import DEFAULT, UNFITTED, Border, border_of, places, sample_areas

COUNT = 4000


@pytest.fixture(scope="module")
def areas() -> np.ndarray:
    """(2, Z, D) of the LV, whose area goes evenly with its border's place."""
    flat = np.zeros((2, 6, len(DEVIATES)), np.float32)
    flat[:] = 500 + 40 * DEVIATES
    return flat


def drawn(areas: np.ndarray, border: Border, seed: int = 0) -> np.ndarray:
    return sample_areas(areas, border, SLICE_MM, COUNT, np.random.default_rng(seed))


def test_the_spread_of_one_slice_is_as_stated(areas):
    samples = drawn(areas[:, :1], Border(0.5, 10, 0))
    assert samples.mean() == pytest.approx(500, abs=1.5)
    assert samples.std() == pytest.approx(20, rel=0.05)


def test_slices_that_err_together_spread_more_than_those_that_err_apart(areas):
    apart, near, together = (drawn(areas, Border(0.5, reach, 0)).std() for reach in (0.01, 8 / np.log(2), 1e6))
    assert apart == pytest.approx(20 * np.sqrt(6), rel=0.05)
    # Neighbours are correlated by 1/2, their neighbours by 1/4 ...
    assert near == pytest.approx(20 * np.sqrt(6 + 2 * sum((6 - d) * 0.5**d for d in range(1, 6))), rel=0.05)
    assert together == pytest.approx(20 * 6, rel=0.05)


def test_phases_share_their_errors_as_stated(areas):
    for shared in (0.0, 0.6, 0.95):
        assert np.corrcoef(drawn(areas, Border(0.5, 15, shared)).T)[0, 1] == pytest.approx(shared, abs=0.05)


def test_what_is_sure_is_exact():
    result = a_result(error=0)
    table = area_tables(result.labels, result.uncertainty)[LV]
    assert (drawn(table, Border(3, 15, 0)) == table[..., STATED].sum(1)).all()


def test_the_same_seed_draws_the_same(areas):
    np.testing.assert_array_equal(drawn(areas, DEFAULT), drawn(areas, DEFAULT))
    assert (drawn(areas, DEFAULT) != drawn(areas, DEFAULT, seed=1)).any()


def test_constants_come_by_structure_and_are_safe_where_there_are_none():
    constants = {"fitted_on": "someone", "LV": [0.7, 15.0, 0.2]}
    assert border_of(constants, "LV") == Border(0.7, 15.0, 0.2)
    assert border_of(constants, "RV") == border_of(UNFITTED, "LV") == DEFAULT


def test_where_the_expert_put_the_border_is_found_again(areas):
    truth = np.full((2, 6), 500.0)
    truth[0, 1], truth[1, 2], truth[1, 3] = 540, 460, 5000
    where = places(areas, truth)
    assert where[0, 1] == pytest.approx(1, abs=1e-3)
    assert where[1, 2] == pytest.approx(-1, abs=1e-3)
    assert where[1, 3] == DEVIATES[-1]
    assert where[0, 0] == pytest.approx(0, abs=1e-3)


def test_among_places_of_equal_area_the_one_nearest_to_the_labels_counts():
    steps = np.where(DEVIATES > 1.5, 8, 4) * np.ones((1, 1, 1), np.float32)
    assert places(steps, np.array([[4.0]]))[0, 0] == pytest.approx(0, abs=1e-6)
    assert places(steps, np.array([[8.0]]))[0, 0] == pytest.approx(1.75, abs=1e-3)


def test_where_nothing_was_unsure_no_place_is_known():
    assert np.isnan(places(np.ones((2, 3, len(DEVIATES)), np.float32), np.ones((2, 3)))).all()
