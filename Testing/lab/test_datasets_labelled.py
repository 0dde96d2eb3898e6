from __future__ import annotations

import numpy as np
import pytest
from labelled_heart import a_cine, a_labelled_heart

from medvos.structures import LV, MYO, RV
from medvos_lab.datasets.labelled import LabelledCine


def test_slices_without_labels_are_not_known():
    case = a_labelled_heart()
    assert case.known(LV)[0].all() and case.known(LV)[2].all()
    assert not case.known(LV)[1].any()


def test_an_empty_slice_is_known_to_be_empty():
    case = a_labelled_heart()
    assert case.known(RV)[2, -1]
    assert not case.labels[2, -1].any()


def test_structures_are_those_that_were_drawn():
    case = a_labelled_heart()
    assert case.structures == (RV, MYO, LV)
    without_rv = np.where(case.labels == RV, 0, case.labels).astype(np.uint8)
    assert LabelledCine("no rv", case.cine, without_rv, "made").structures == (MYO, LV)


def test_what_was_drawn_can_be_said_for_each_structure():
    labels = np.full((1, 2, 48, 48), 255, np.uint8)
    labels[0, 0, 10:20, 10:20] = LV
    drawn = np.zeros((1, 2, 4), bool)
    drawn[0, 0, LV] = True
    case = LabelledCine("cavity", a_cine(np.zeros(labels.shape)), labels, "made", drawn)
    assert case.structures == (LV,)
    assert case.known(LV).tolist() == [[True, False]]
    assert not case.known(MYO).any()


def test_labels_on_another_grid_are_refused():
    case = a_labelled_heart()
    with pytest.raises(ValueError, match="shape"):
        LabelledCine("wrong", case.cine, case.labels[:, 1:], "made")
