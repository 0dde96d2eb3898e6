"""Constants that turn an MVO network's output into probabilities, fitted on simulated infarcts of held-out hearts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.evaluate.metrics import dice, reliability
from medvos.uncertainty.calibration import fit_logistic
from medvos.uncertainty.obstruction_calibration import (
    Components,
    ObstructionCalibration,
    features,
    probability_of_error,
    slice_logit,
)
from medvos_lab.bench.table import BAD_DICE
from medvos_lab.folds import USUAL, Fold
from medvos_lab.mvo.predictions import Judged, PatientPrediction

THRESHOLDS = np.geomspace(0.01, 0.9, 60)
# Of EMIDEC's real obstruction 4 % lies in components of less than half of the largest, and 11 % outside the largest.
FRACTIONS = (0.0, 0.1, 0.25, 0.5)


def calibrate(judged: Judged) -> ObstructionCalibration:
    """Fit the constants where the truth is known: on infarcts with a core and without."""
    predictions = judged.obstructed + judged.dead
    a, b, c = fit_logistic(*_voxels(predictions))
    found = ObstructionCalibration((a, b, c))
    found = replace(found, threshold=(_best_threshold([patient.by(found) for patient in judged.obstructed]),))
    found = replace(found, component_fraction=(_best_fraction([patient.by(found) for patient in judged.obstructed]),))
    logits, bad = [], []
    for patient in (patient.by(found) for patient in predictions):
        logits.append(slice_logit(torch.from_numpy(patient.probability), torch.from_numpy(patient.found)).numpy())
        bad += [dice(a, b) < BAD_DICE for a, b in zip(patient.found, patient.core, strict=True)]
    a, b = fit_logistic(np.concatenate(logits)[:, None], np.array(bad))
    return replace(found, slice=(a, b))


def cross_fitted(judged: Judged, fold: Fold = USUAL) -> Judged:
    """Return every patient with constants fitted on the other half of the fold, by default on the other last digit.

    Both halves are predicted by one network that has seen neither. Predictions of other folds are of other networks,
    whose raw outputs have another scale and which were trained on the patients of this fold.

    Where all patients are in the same half, the constants are fitted on all.
    """
    numbers = {prediction.patient for prediction in judged.obstructed}
    constants = {}
    for half in {fold.half(prediction.patient) for prediction in judged.obstructed + judged.infarcted}:
        others = {number for number in numbers if fold.half(number) != half} or numbers
        constants[half] = calibrate(judged.only(others))
    return judged.each(lambda prediction: prediction.by(constants[fold.half(prediction.patient)]))


def calibration_error(predictions: list[PatientPrediction]) -> float:
    """Return the expected calibration error (ECE) of the probability that a voxel of the wall is labelled wrong."""
    stated, wrong = [], []
    for patient in predictions:
        error = probability_of_error(torch.from_numpy(patient.probability), torch.from_numpy(patient.found)).numpy()
        stated.append(error[patient.wall])
        wrong.append((patient.found != patient.core)[patient.wall])
    return float(reliability(np.concatenate(stated), np.concatenate(wrong)).ece)


def _voxels(predictions: list[PatientPrediction]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return features (N, 2) and truth (N,) of every voxel of the walls."""
    seen = [
        torch.stack(features(torch.from_numpy(patient.raw_probability), torch.from_numpy(patient.spread)), -1).numpy()[
            patient.wall
        ]
        for patient in predictions
    ]
    return np.concatenate(seen), np.concatenate([patient.core[patient.wall] for patient in predictions])


def _best_threshold(obstructed: list[PatientPrediction]) -> float:
    walls = [(patient.probability[patient.wall], patient.core[patient.wall]) for patient in obstructed]
    means = [np.mean([dice(probability > least, core) for probability, core in walls]) for least in THRESHOLDS]
    return float(THRESHOLDS[int(np.argmax(means))])


def _best_fraction(obstructed: list[PatientPrediction]) -> float:
    components = [Components.above(patient.calibration.threshold[0], patient.probability) for patient in obstructed]
    means = [
        np.mean(
            [dice(each.large(fraction), patient.core) for each, patient in zip(components, obstructed, strict=True)]
        )
        for fraction in FRACTIONS
    ]
    return FRACTIONS[int(np.argmax(means))]
