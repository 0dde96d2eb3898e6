"""Constants of an MVO network, of raw probabilities whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from medvos.evaluate.metrics import dice
from medvos.uncertainty.obstruction_calibration import ObstructionCalibration, above_threshold, slice_scores
from medvos_lab.folds import Fold
from medvos_lab.mvo.obstruction_constants import calibrate, calibration_error, cross_fitted
from medvos_lab.mvo.predictions import Judged, PatientPrediction

WEIGHED = 2.0  # by so many natural units the raw odds are too high
CALIBRATED_ECE = 0.01


def a_patient(number: int, seed: int, weighed: float = WEIGHED, core: bool = True) -> PatientPrediction:
    """Obstruction as frequent as probabilities between 0 and 1 state, and raw probabilities that are too high."""
    rng = np.random.default_rng(seed)
    probability = rng.uniform(0.001, 0.6, (3, 40, 40)) ** 2
    odds = np.log(probability / (1 - probability)) + weighed
    raw = (1 / (1 + np.exp(-odds))).astype(np.float32)
    wall = np.ones(probability.shape, bool)
    wall[:, :5] = False
    truth = (rng.random(probability.shape) < probability) & wall if core else np.zeros_like(wall)
    return PatientPrediction(raw, np.zeros_like(raw), truth, wall, number)


def overlap_at(threshold: float, constants: ObstructionCalibration, patients: list[PatientPrediction]) -> float:
    there = replace(constants, threshold=(threshold,))
    return float(np.mean([dice(patient.by(there).found, patient.core) for patient in patients]))


def judged(*patients: PatientPrediction) -> Judged:
    return Judged(list(patients), list(patients), [], [], [], [])


def test_calibrated_probabilities_are_frequencies_and_the_threshold_is_that_of_the_greatest_overlap():
    patients = [a_patient(4, seed) for seed in range(6)]
    found = calibrate(judged(*patients))
    assert found.probability[:2] == pytest.approx([-WEIGHED, 1], abs=0.1)
    fresh = [a_patient(4, seed).by(found) for seed in range(10, 14)]
    uncalibrated = [patient.by(replace(found, probability=(0, 1, 0))) for patient in fresh]
    assert calibration_error(fresh) < CALIBRATED_ECE < calibration_error(uncalibrated)
    lower, chosen, higher = (overlap_at(fraction * found.threshold[0], found, patients) for fraction in (0.5, 1, 2))
    assert chosen > max(lower, higher)


def test_small_components_are_left_out_where_that_overlaps_more():
    def with_a_component(truly: bool) -> PatientPrediction:
        patient = a_patient(4, 0)
        core, component = np.zeros_like(patient.core), np.zeros_like(patient.core)
        core[:, 10:20, 10:20], component[1, 30:34, 30:40] = True, True
        raw = np.where(core | component, 0.98, 0.02).astype(np.float32)
        return replace(patient, raw_probability=raw, core=core | component if truly else core)

    assert calibrate(judged(*[with_a_component(truly=False)] * 2)).component_fraction[0] > 0.1
    assert calibrate(judged(*[with_a_component(truly=True)] * 2)).component_fraction[0] <= 0.1


def test_a_slice_that_overlaps_less_is_more_likely_bad():
    sharp = a_patient(4, 0)
    clear = np.zeros_like(sharp.core)
    clear[:, 10:20, 10:20] = True
    raw = np.where(clear, 0.98, 0.02).astype(np.float32)
    patients = [replace(sharp, raw_probability=raw, core=clear, patient=n) for n in (14, 24, 34)]
    found = calibrate(judged(*patients, *(a_patient(4, seed) for seed in range(3))))
    good, bad = (
        float(slice_scores(probability, above_threshold(probability, found), found).mean())
        for probability in (
            torch.from_numpy(patient.by(found).probability) for patient in (patients[0], a_patient(4, 7))
        )
    )
    assert good < 0.2 < 0.8 < bad


def test_a_patient_is_judged_by_constants_of_the_other_half():
    both = judged(*(a_patient(number, number, weighed) for number, weighed in ((4, 2), (14, 2), (9, 0), (19, 0))))
    crossed = cross_fitted(both)
    shifts = {found.patient: found.calibration.probability[0] for found in crossed.obstructed}
    assert shifts[4] == shifts[14] == pytest.approx(0, abs=0.15)
    assert shifts[9] == shifts[19] == pytest.approx(-2, abs=0.15)


def test_the_truth_of_a_heart_has_no_part_in_its_own_constants():
    fold, numbers = Fold(2, 5), (2, 12, 7, 17)

    def constants_of(first: PatientPrediction) -> dict[int, ObstructionCalibration]:
        both = judged(first, *(a_patient(number, number) for number in numbers[1:]))
        return {found.patient: found.calibration for found in cross_fitted(both, fold).obstructed}

    patient = a_patient(2, 2)
    as_it_is, altered = constants_of(patient), constants_of(replace(patient, core=~patient.core & patient.wall))
    assert altered[2] == as_it_is[2] and altered[12] == as_it_is[12]
    assert altered[7] != as_it_is[7] and altered[17] != as_it_is[17]


def test_where_there_is_one_half_it_is_judged_by_itself():
    crossed = cross_fitted(judged(a_patient(4, 0), a_patient(14, 1)))
    assert crossed.obstructed[0].calibration.probability[0] == pytest.approx(-WEIGHED, abs=0.15)
