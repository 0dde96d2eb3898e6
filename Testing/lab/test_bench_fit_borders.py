"""Fitting how borders err, on patients of a made world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from labelled_heart import a_labelled_heart
from uncertain_heart import SLICE_MM, a_result, true_areas

from medvos.measure import intervals
from medvos.measure.measure import measure
from medvos.result import Result
from medvos.structures import LV, MYO
from medvos.uncertainty.areas import STATED, area_tables
from medvos_lab.bench.fit_borders import LARGEST_WIDENING, Seen, fit, outcomes
from medvos_lab.bench.protocol import prepare

TRUE = (0.6, 20.0, 0.5)


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "SAMPLES", 200)


def patients(count: int, seed: int = 0) -> list[Seen]:
    """Patients in whom the LV's border errs as `TRUE` says, though the voxels state a widening of 1."""
    result, rng = a_result(), np.random.default_rng(seed)
    areas = {LV: area_tables(result.labels, result.uncertainty)[LV]}
    return [Seen(f"patient{i}", SLICE_MM, 0.018, areas, {LV: true_areas(rng, TRUE)}) for i in range(count)]


def test_the_fit_finds_how_the_borders_err():
    widening, reach, shared = fit(patients(50))["LV"]
    assert widening == pytest.approx(TRUE[0], rel=0.25)
    assert reach == pytest.approx(TRUE[1], rel=0.4)
    assert shared == pytest.approx(TRUE[2], abs=0.15)


def test_fitted_intervals_hold_the_truth_of_other_patients():
    constants = fit(patients(40))
    judged = [outcomes(patient, constants) for patient in patients(150, seed=1)]
    for name in ("LVEF", "LVEDV", "LVESV"):
        assert np.mean([found[name].is_covered for found in judged]) == pytest.approx(0.9, abs=0.08), name


def test_patients_whom_no_widening_covers_get_the_largest():
    sure = [replace(patient, areas={LV: patient.areas[LV][..., [STATED] * 25]}) for patient in patients(3)]
    assert fit(sure)["LV"][0] == LARGEST_WIDENING


def test_structures_that_nobody_has_are_not_fitted():
    assert set(fit(patients(2))) == {"LV"}
    assert fit([]) == {}


def test_a_patient_is_judged_at_ed_and_es_in_slices_that_the_expert_judged():
    case = a_labelled_heart()
    drawn = np.stack([~(case.labels == 255).any((2, 3))] * 4, axis=-1)
    drawn[0, 2, LV] = False  # not judged at ES
    trial = prepare(replace(case, drawn=drawn))
    nowhere = np.zeros(case.cine.shape[:2], bool)
    labels = np.where(case.labels == 255, 0, case.labels).astype(np.uint8)
    uncertainty = np.full(case.cine.shape, 0.1, np.float32)
    result = Result(case.cine, labels, uncertainty, nowhere.astype(np.float32), nowhere)
    seen = Seen.of(trial, result)
    assert seen.areas[LV].shape[:2] == (2, 6) and seen.areas[MYO].shape[:2] == (2, 7)
    expected = np.delete((case.labels[[2, 0]] == LV).sum((2, 3)), 2, axis=1)
    np.testing.assert_array_equal(seen.truth[LV], expected)
    np.testing.assert_array_equal(seen.areas[LV][..., STATED], expected)


def test_outcomes_have_the_values_and_intervals_that_a_user_sees():
    case = a_labelled_heart()
    trial = prepare(replace(case, labels=case.labels[[2, 0]], cine=two_phases(case.cine)))
    nowhere = np.zeros((2, case.cine.shape[1]), bool)
    uncertainty = np.full(trial.case.labels.shape, 0.1, np.float32)
    result = Result(trial.case.cine, trial.case.labels, uncertainty, nowhere.astype(np.float32), nowhere)
    measures, found = measure(result), outcomes(Seen.of(trial, result), {})
    for name in ("LVEF", "LVEDV", "LVESV", "LVSV", "LVM", "RVEF", "RVEDV"):
        assert (found[name].stated, found[name].truth) == pytest.approx([measures[name].value] * 2)
        assert (found[name].low, found[name].high) == pytest.approx(measures[name].interval)


def two_phases(cine):
    return replace(cine, array=cine.array[[2, 0]], times=cine.times[:2])
