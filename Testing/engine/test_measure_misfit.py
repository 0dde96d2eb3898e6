"""Doubts of the measures of a clip whose drawing the network did not find again."""

from __future__ import annotations

import numpy as np
import pytest
from test_measure_echo import a_clip, a_view, with_atrium

from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.result import LEAST_FOLLOWED, Result


def measured(followed: dict[str, float]) -> Measures:
    labels, _ = a_view()
    labels = with_atrium(labels, 5)
    empty = np.zeros(labels.shape, np.float32)
    scores = empty[..., 0, 0]
    return measure(Result(a_clip(labels), labels, empty, scores, scores > 0, {"followed": followed}))


def test_an_lv_that_motion_alone_carries_keeps_its_values_without_a_verdict():
    measures = measured({"LV": 0.0, "LA": 1.0})
    assert measures["LVEF"].value is not None
    assert {"LVEF", "LVEDV", "LVESV"} <= set(measures.held) and "LAA" not in measures.held
    (doubt,) = [each for each in measures.doubts if "motion of the images alone" in each]
    assert "find the LV again" in doubt


def test_the_atrium_is_doubted_by_itself():
    measures = measured({"LV": 1.0, "LA": 0.0})
    assert set(measures.held) == {"LAA"}


@pytest.mark.parametrize("followed", [{}, {"LV": LEAST_FOLLOWED}, {"structure 4": 0.0}])
def test_what_is_followed_or_measured_by_nothing_is_no_doubt(followed):
    assert not [each for each in measured(followed).doubts if "motion of the images alone" in each]
