"""Structures at the border of the image."""

from __future__ import annotations

import numpy as np
import pytest
from test_measure_sanity import SOMEONE, a_cine, a_heart

from medvos.measure.measure import measure
from medvos.measure.verdict import verdict_of


def cut(labels: np.ndarray, side: str) -> np.ndarray:
    """Shift the heart so far that its RV, on the left, or its LV, on the right, reaches the border of the image."""
    columns = np.flatnonzero((labels > 0).any(axis=(0, 1, 2)))
    by = -columns[0] if side == "RV" else labels.shape[-1] - 1 - columns[-1]
    return np.roll(labels, by, axis=-1)


@pytest.mark.parametrize("side", ["LV", "RV"])
def test_a_ventricle_at_the_border_of_the_image_has_no_verdict(side: str):
    measures = measure(cut(a_heart(), side), a_cine(), subject=SOMEONE)
    (doubt,) = measures.doubts
    assert "reaches the border of the image in slices 2, 3" in doubt and "at ED (phase 1)" in doubt
    assert doubt.endswith(f"no verdict is given on the {side}.")
    other = "RV" if side == "LV" else "LV"
    assert verdict_of(f"{side}EF", measures) is verdict_of(f"{side}EDV", measures) is None
    assert verdict_of(f"{other}EDV", measures) is not None


def test_a_heart_within_the_image_is_not_doubted():
    assert measure(a_heart(), a_cine(), subject=SOMEONE).doubts == ()
