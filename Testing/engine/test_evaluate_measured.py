from __future__ import annotations

import numpy as np
import pytest
from labelled_heart import a_labelled_heart

from medvos.cine.timing import unknown
from medvos.evaluate.measured import COUNTED, Pair, side_by_side

NOT_JUDGED = 255


def compared(found: np.ndarray, truth: np.ndarray) -> dict[str, Pair]:
    affine = a_labelled_heart().cine.affine
    return side_by_side(found, truth, (truth != NOT_JUDGED).all(axis=(2, 3)), affine, unknown(len(truth)))


@pytest.fixture
def truth() -> np.ndarray:
    """Three phases, of which the middle one is not judged."""
    return a_labelled_heart().labels


def test_the_truth_agrees_with_itself(truth: np.ndarray):
    for name, pair in compared(np.where(truth == NOT_JUDGED, 0, truth), truth).items():
        assert pair["prediction"] == pair["truth"] is not None, name


def test_slices_that_are_not_judged_count_on_neither_side(truth: np.ndarray):
    whole = compared(truth, truth)["LVEDV"]["truth"]
    found = np.where(truth == NOT_JUDGED, 0, truth)
    truth[0, 2] = NOT_JUDGED
    pair = compared(found, truth)["LVEDV"]
    assert pair["prediction"] == pair["truth"] < whole


def test_a_slice_within_the_heart_need_not_be_judged(truth: np.ndarray):
    found = np.where(truth == NOT_JUDGED, 0, truth)
    filled = np.flatnonzero(found[0].any(axis=(1, 2)))
    truth[:, filled[1]] = NOT_JUDGED
    pair = compared(found, truth)["LVEF"]
    assert pair["prediction"] == pair["truth"] is not None


def test_each_side_has_its_own_ed(truth: np.ndarray):
    found = np.where(truth == NOT_JUDGED, 0, truth)
    found[1] = found[2]
    found[2] = found[0]
    pair = compared(found, truth)["LVEF"]
    assert pair["prediction"] == pair["truth"]


def test_what_the_truth_does_not_hold_is_not_known(truth: np.ndarray):
    pair = compared(np.where(truth == NOT_JUDGED, 0, truth), np.where(truth == 1, 0, truth))["RVEF"]
    assert pair["truth"] is None
    assert pair["prediction"] is not None
    assert pair["reason"].startswith("The truth: ") and "The prediction" not in pair["reason"]


def test_a_hole_in_the_prediction_is_the_reason_why_it_has_no_volume(truth: np.ndarray):
    found = np.where(truth == NOT_JUDGED, 0, truth)
    filled = np.flatnonzero((found[2] == 3).any(axis=(1, 2)))
    found[2, filled[1]] = 0
    pair = compared(found, truth)["LVEDV"]
    assert pair["prediction"] is None and pair["truth"] is not None
    assert pair["reason"].startswith("The prediction: ") and "slice" in pair["reason"]


def test_reasons_are_sentences_that_say_how_slices_are_counted(truth: np.ndarray):
    found = np.where(truth == NOT_JUDGED, 0, truth)
    found[2, 4][found[2, 4] == 3] = 0
    without_lv = np.where(truth == 3, 0, truth)
    assert "The prediction: the LV has no label in slice 5 at ED" in compared(found, truth)["LVEDV"]["reason"]
    assert COUNTED not in compared(found, truth)["LVEDV"]["reason"]
    assert ". The truth: " in compared(found, without_lv)["LVEDV"]["reason"]
    truth[:, :2] = NOT_JUDGED
    reason = compared(found, truth)["LVEDV"]["reason"]
    assert "in slice 3 at ED" in reason and reason.endswith(f".{COUNTED}")
