"""An LVEF that the second network does not confirm is doubted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.measure.subject import Subject
from medvos.measure.verdict import possible_verdicts, verdict_of
from medvos.report.provenance_rows import provenance_rows
from medvos.result import Result
from medvos.structures import LV


def areas_of(result: Result) -> np.ndarray:
    return (result.labels == LV).sum((2, 3)) * (result.cine.spacing[1] * result.cine.spacing[2])


def judged(result: Result, areas: np.ndarray, **changed: Any) -> Measures:
    """Measure the result of a second network that found these areas (T, Z) in mm²."""
    stated = {"model": "other", "weights_sha256": "0", "weight": {"LV": 0.35}, "lv_mm2": areas.tolist()}
    changed = {"slice_scores": np.full_like(result.slice_scores, 0.1), **changed}
    result = replace(result, provenance={**result.provenance, "second_opinion": stated}, **changed)
    return measure(result, subject=Subject("M", 50))


def doubts(measures: Measures) -> list[str]:
    return [doubt for doubt in measures.doubts if "second network" in doubt]


def test_two_networks_that_agree_raise_no_doubt(a_result: Result):
    assert not doubts(judged(a_result, areas_of(a_result)))


def test_another_ef_is_doubted_and_may_hold_the_verdict(a_result: Result):
    areas = areas_of(a_result)
    alone = measure(a_result, subject=Subject("M", 50))
    areas[alone.es] *= 1.5
    found = judged(a_result, areas)
    other = 100 * (1 - areas[found.es].sum() / areas[found.ed].sum())
    (sentence,) = doubts(found)
    assert f"an LVEF of {other:.0f} % and not {found['LVEF'].value:.0f} %" in sentence
    assert found.moves["LVEF"][0] >= found["LVEF"].value - other - 1e-6  # together with other doubts
    assert possible_verdicts("LVEF", alone) and verdict_of("LVEF", found) is None


def test_the_reader_s_own_slices_need_no_second_network(a_result: Result):
    areas = areas_of(a_result)
    areas[measure(a_result).es] *= 1.5
    drawn = np.ones(a_result.seeds.shape, bool)
    assert not doubts(judged(a_result, areas, seeds=drawn))


def test_slices_that_the_reader_accepted_or_emptied_need_none_either(a_result: Result):
    areas = areas_of(a_result)
    areas[measure(a_result).es] *= 1.5
    assert not doubts(judged(a_result, areas, slice_scores=np.zeros_like(a_result.slice_scores)))


def test_a_network_that_has_no_say_is_not_compared(a_result: Result):
    stated = {"model": "other", "weights_sha256": "0", "weight": {"LV": 0.0}}
    found = replace(a_result, provenance={**a_result.provenance, "second_opinion": stated})
    assert not doubts(measure(found))
    assert ("second opinion", "other, which contradicts the drawing and has no weight") in provenance_rows(found)


def test_the_report_names_the_network_and_its_weight_without_its_areas(a_result: Result):
    stated = {"model": "other", "weights_sha256": "0", "weight": {"RV": 0.0, "LV": 0.35}, "lv_mm2": [[1, 2]]}
    rows = dict(provenance_rows(replace(a_result, provenance={"second_opinion": stated})))
    assert rows["second opinion"] == "other, LV 35 %"
