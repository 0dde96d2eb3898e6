"""A drawing taken from a segmentation that needed none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_segmentation_short_axis import INFO, a_network_that_reads  # noqa: F401
from tiny_network import a_cine
from tiny_vivim import a_case_that_is_its_own_truth

from medvos.cine.cine import Source
from medvos.errors import InputError
from medvos.evaluate.metrics import dice
from medvos.segmentation.seed_proposal import propose_by_segmentation, propose_seed


def test_it_is_the_middle_of_the_slices_that_show_everything_at_the_largest_lv():
    case = a_case_that_is_its_own_truth()
    phase, z, drawing = propose_by_segmentation(case.cine, INFO, "cpu")
    assert (phase, z) == (0, 2)
    assert dice(drawing == 3, case.labels[0, 2] == 3) > 0.97


def test_a_clip_is_refused_at_once():
    cine = replace(a_cine(slices=1), source=Source(kind="video"))
    with pytest.raises(InputError, match="segment a clip without one"):
        propose_seed(cine, "vivim")


def test_another_place_can_be_asked_for():
    case = a_case_that_is_its_own_truth()
    phase, z, drawing = propose_by_segmentation(case.cine, INFO, "cpu", 2, 1)
    assert (phase, z) == (2, 1)
    assert dice(drawing == 3, case.labels[2, 1] == 3) > 0.97


@pytest.mark.parametrize(
    ("place", "said"), [((0, 5), "No heart"), ((0, 6), "slices 0 to 5"), ((4, 0), "phases 0 to 3")]
)
def test_a_place_without_a_heart_or_beyond_the_cine_is_refused(place, said):
    with pytest.raises(InputError, match=said):
        propose_by_segmentation(a_case_that_is_its_own_truth().cine, INFO, "cpu", *place)
