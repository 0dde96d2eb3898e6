from __future__ import annotations

import numpy as np
import pytest
from labelled_heart import a_labelled_heart

from medvos.structures import LV
from medvos_lab.bench.regions import regions
from medvos_lab.datasets.labelled import LabelledCine


def where(case: LabelledCine) -> dict[str, list[int]]:
    return {name: np.flatnonzero(mask).tolist() for name, mask in regions(case).items()}


def test_the_covered_slices_are_cut_into_thirds():
    assert where(a_labelled_heart(7)) == {
        "whole": [0, 1, 2, 3, 4, 5, 6],
        "base": [0, 1],
        "middle": [2, 3],
        "apex": [4, 5],
    }


@pytest.mark.parametrize(("n_slices", "lengths"), [(7, (2, 2, 2)), (8, (2, 3, 2)), (9, (3, 3, 2))])
def test_what_does_not_divide_goes_to_the_middle_and_then_to_the_base(n_slices: int, lengths: tuple[int, ...]):
    found = where(a_labelled_heart(n_slices))
    assert tuple(len(found[name]) for name in ("base", "middle", "apex")) == lengths


def test_the_base_is_found_in_a_stack_that_runs_from_the_apex():
    assert where(a_labelled_heart(7, from_apex=True)) == {
        "whole": [0, 1, 2, 3, 4, 5, 6],
        "base": [5, 6],
        "middle": [3, 4],
        "apex": [1, 2],
    }


def test_the_rv_tells_the_base_when_an_aneurysm_makes_the_lv_apex_the_wider_end():
    case = a_labelled_heart(7)
    labels = case.labels.copy()
    labels[:, 5][labels[:, 5] == 0] = LV
    assert where(LabelledCine("aneurysm", case.cine, labels, "made"))["base"] == [0, 1]
