"""Label maps."""

from __future__ import annotations

import numpy as np
import pytest

from medvos.cine.labels import label_numbers
from medvos.errors import InputError


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int16, np.float64])
def test_whole_numbers_of_any_type_are_labels(dtype):
    found = label_numbers(np.array([0, 1, 1], dtype), "a map")
    assert found.dtype == np.uint8 and found.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.5], "not whole numbers"),
        ([np.inf], "not whole numbers"),
        ([-1], "outside 0 to 255"),
        ([256], "outside 0 to 255"),
        ([1j], "no numbers"),
    ],
)
def test_anything_else_is_refused_by_name(values, said):
    with pytest.raises(InputError, match=f"a map .*{said}"):
        label_numbers(np.array(values), "a map")


@pytest.mark.parametrize("off", [4e-8, -6e-8, 1e-4])
def test_whole_numbers_may_be_off_by_rounding(off):
    found = label_numbers(np.array([0, 1, 2, 3]) * (1 + off), "a map")
    assert found.dtype == np.uint8 and found.tolist() == [0, 1, 2, 3]


def test_labels_scaled_to_eight_bits_come_back_as_labels():
    stored = np.round(np.arange(8) * 255 / 7) * 7 / 255
    assert label_numbers(stored, "a map").tolist() == list(range(8))
    with pytest.raises(InputError, match="not whole numbers"):  # probabilities near 0 and 1
        label_numbers(np.array([0, 0.01, 0.02, 0.99, 1]), "a map")
