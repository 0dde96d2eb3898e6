"""Measures that rest on unreliable contours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medvos.measure.catalogue import PER_AREA
from medvos.measure.measure import measure
from medvos.measure.measures import Measure, Measures
from medvos.measure.reliability import MOST_UNRELIABLE, with_reliability
from medvos.measure.subject import Subject
from medvos.measure.verdict import verdict_of, verdict_sentences, verdict_text
from medvos.result import Result
from medvos.structures import LV, RV


def scored(a_result: Result, *bad: tuple[int, int]) -> Measures:
    """Measure with bad scores at these (phase, slice) alone, and without the doubts of other checks."""
    scores = np.zeros_like(a_result.slice_scores)
    for place in bad:
        scores[place] = 0.9
    cine = replace(a_result.cine, affine=a_result.cine.affine @ np.diag([1, 1, 0.5, 1]))  # 8 mm
    subject = Subject("F", 50, 165, 60, known_shunt=True)
    return measure(replace(a_result, cine=cine, slice_scores=scores), subject=subject)


def test_reliable_contours_hold_no_verdict_back(a_result: Result):
    measures = scored(a_result)
    assert measures["LVEF"].unreliable == 0 and measures["CO"].unreliable == 0
    assert not any("unreliable" in doubt for doubt in measures.doubts)


def test_a_measure_shows_the_part_that_rests_on_bad_slices_and_how_far_they_could_move_it(a_result: Result):
    ed = measure(a_result).ed
    measures = scored(a_result, (ed, 3))
    areas = (a_result.labels == 3).sum((2, 3))
    part, own = areas.max(0)[3] / areas.max(0).sum(), areas[ed, 3] / areas[ed].sum()
    assert measures["LVEDV"].unreliable == pytest.approx(part)
    assert measures["LVESV"].unreliable == 0 and "LVESV" not in measures.moves
    assert measures.moves["LVEDV"] == pytest.approx((0.5 * own * measures["LVEDV"].value,) * 2)
    (doubt,) = (doubt for doubt in measures.doubts if "unreliable" in doubt)
    assert f"slice 4 at ED (phase {ed + 1})" in doubt and ", and a verdict is given only where" in doubt


def test_the_ef_moves_as_far_as_wrong_volumes_would_move_it(a_result: Result):
    ed = measure(a_result).ed
    measures = scored(a_result, (ed, 3))
    edv, esv = measures["LVEDV"].value, measures["LVESV"].value
    below, above = measures.moves["LVEDV"]
    assert measures["LVEF"].value - measures.moves["LVEF"][0] == pytest.approx(100 * (1 - esv / (edv - below)))
    assert measures["LVEF"].value + measures.moves["LVEF"][1] == pytest.approx(100 * (1 - esv / (edv + above)))


def test_what_rests_on_bad_slices_by_half_has_no_verdict(a_result: Result):
    ed = measure(a_result).ed
    measures = scored(a_result, *((ed, z) for z in range(6)))
    for name in ("LVEDV", "LVEF", "LVEDVI", "LVM", "RVEF"):
        assert verdict_text(name, measures) == "no verdict" and verdict_of(name, measures) is None
    assert "LVESV" not in measures.held and "not graded" in " ".join(verdict_sentences(measures))


def test_a_bad_slice_at_another_phase_does_not_matter(a_result: Result):
    ed, es = measure(a_result).ed, measure(a_result).es
    other = next(t for t in range(a_result.labels.shape[0]) if t not in (ed, es))
    assert scored(a_result, (other, 3))["LVEF"].unreliable == 0


def test_a_ventricle_that_was_lost_in_a_bad_slice_rests_on_it(a_result: Result):
    labels = a_result.labels.copy()
    filled = np.flatnonzero((labels == RV).any((0, 2, 3)))
    last = int(filled[0] if (labels[:, filled[0]] == RV).sum() > (labels[:, filled[-1]] == RV).sum() else filled[-1])
    labels[:, last][labels[:, last] == RV] = 0
    lost = replace(a_result, labels=labels)
    ed = measure(lost).ed
    measures = scored(lost, (ed, last))
    assert measures["RVEDV"].unreliable > 0.1
    below, above = measures.moves["RVEDV"]
    assert below == 0 and above > 0  # there is nothing in that slice that could be less


def test_segments_on_bad_slices_are_marked(a_result: Result):
    ed = measure(a_result).ed
    assert not any(segment.unreliable for segment in scored(a_result).wall)
    wall = scored(a_result, *((ed, z) for z in range(6))).wall
    assert any(segment.unreliable_ed for segment in wall) and not any(segment.unreliable_es for segment in wall)


def test_peak_rates_rest_on_the_contours_of_the_whole_beat():
    areas, scores = {LV: np.full((10, 4), 100.0)}, np.zeros((10, 4))
    measures = Measures({"LVPER": Measure(400.0, "mL/s"), "LVPFR": Measure(None, "mL/s")}, np.arange(10.0), ed=0, es=4)
    scores[2, 3] = 0.9
    once = with_reliability(measures, areas, scores)
    assert once["LVPER"].unreliable == pytest.approx(0.25 / 10) and not once.doubts
    scores[:, 3] = 0.9
    always = with_reliability(measures, areas, scores)
    assert always["LVPER"].unreliable == pytest.approx(0.25) and always["LVPFR"].unreliable is None
    (doubt,) = always.doubts
    assert doubt.startswith("LVPER rest on unreliable contours by 10 % or more over the whole beat")


def test_a_slice_without_contours_is_called_that(a_result: Result):
    labels = a_result.labels.copy()
    es, first = measure(a_result).es, int(np.flatnonzero(labels.any((0, 2, 3)))[0])
    labels[es, first] = 0
    lost = replace(a_result, labels=labels)
    assert measure(lost).es == es
    (doubt,) = (doubt for doubt in scored(lost, (es, first), (es, 3)).doubts if "unreliable" in doubt)
    assert f"slices {first + 1}, 4 at ES" in doubt and f"(no contours: {first + 1} at ES)" in doubt
    (doubt,) = (doubt for doubt in scored(lost, (es, first)).doubts if "unreliable" in doubt)
    assert f"slice {first + 1} at ES" in doubt and f"(no contours: {first + 1} at ES)" in doubt


@pytest.mark.parametrize("lost", [(7, 8, 9), (4, 5, 6), (0, 1, 2, 3)])
def test_neighbouring_slices_that_are_lost_together_could_all_be_filled(lost: tuple[int, ...]):
    areas = np.array([[100.0] * 10, [60.0] * 10])
    scores = np.zeros((2, 10))
    areas[1, lost], scores[1, lost] = 0.0, 0.9
    esv = areas[1].sum()
    measures = Measures({"LVESV": Measure(esv, "mL")}, np.arange(2.0), ed=0, es=1)
    below, above = with_reliability(measures, {LV: areas}, scores).moves["LVESV"]
    assert below == 0 and above == pytest.approx(600 - esv)


def test_measures_are_named_by_ventricle_and_a_verdict_that_nothing_could_support_is_not_given(a_result: Result):
    ed = measure(a_result).ed
    measures = scored(a_result, (ed, 3))
    (doubt,) = (doubt for doubt in measures.doubts if "unreliable" in doubt)
    assert "The unreliable contours there are 10 % or more of LVEDV, SV, EF; " in doubt and "; RVEDV, SV, EF; " in doubt
    named = [name for name, one in measures.items() if (one.unreliable or 0) >= MOST_UNRELIABLE]
    assert named and all(name in doubt or f", {name[2:]}" in doubt for name in named if name not in PER_AREA)
    (doubt,) = (doubt for doubt in scored(a_result, *((ed, z) for z in range(6))).doubts if "unreliable" in doubt)
    assert "50 % or more of" in doubt and doubt.endswith(", and no verdict is given.")


def test_without_ranges_a_verdict_is_spoken_of_for_the_graded_ef_alone(a_result: Result):
    scores = np.zeros_like(a_result.slice_scores)
    scores[measure(a_result).ed, 3] = 0.9
    measures = measure(replace(a_result, slice_scores=scores), subject=Subject(known_shunt=True))
    (doubt,) = (doubt for doubt in measures.doubts if "unreliable" in doubt)
    assert not measures.normal and ", and a grade of the LVEF is given only where" in doubt
