"""The constants that turn an MVO network's answer into chances, fitted on simulated infarcts of held-out hearts."""

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
from medvos_lab.mvo.judge import Judged, Looked

THRESHOLDS = np.geomspace(0.01, 0.9, 60)
# Of EMIDEC's real obstruction 4 % lies in islands of less than half of the largest, and 11 % in any but the largest.
FRACTIONS = (0.0, 0.1, 0.25, 0.5)


def calibrate(judged: Judged) -> ObstructionCalibration:
    """Fitted where the truth is known: in infarcts with a core and without."""
    looked = judged.obstructed + judged.dead
    a, b, c = fit_logistic(*_answers(looked))
    found = ObstructionCalibration((a, b, c))
    found = replace(found, threshold=(_best_threshold([one.by(found) for one in judged.obstructed]),))
    found = replace(found, component_fraction=(_best_fraction([one.by(found) for one in judged.obstructed]),))
    doubts, bad = [], []
    for one in (one.by(found) for one in looked):
        doubts.append(slice_logit(torch.from_numpy(one.probability), torch.from_numpy(one.found)).numpy())
        bad += [dice(a, b) < BAD_DICE for a, b in zip(one.found, one.core, strict=True)]
    a, b = fit_logistic(np.concatenate(doubts)[:, None], np.array(bad))
    return replace(found, slice=(a, b))


def cross_fitted(judged: Judged) -> Judged:
    """Every patient judged by constants fitted on those whose number ends in another digit.

    Where all end alike, the constants are fitted on all.
    """
    numbers = {one.patient for one in judged.obstructed}
    constants = {}
    for digit in {number % 10 for number in numbers} | {one.patient % 10 for one in judged.infarcted}:
        others = {number for number in numbers if number % 10 != digit} or numbers
        constants[digit] = calibrate(judged.only(others))
    return judged.each(lambda one: one.by(constants[one.patient % 10]))


def calibration_error(looked: list[Looked]) -> float:
    """How far the stated chance that a voxel of the wall is called wrong is from how often it is (ECE)."""
    stated, wrong = [], []
    for one in looked:
        error = probability_of_error(torch.from_numpy(one.probability), torch.from_numpy(one.found)).numpy()
        stated.append(error[one.wall])
        wrong.append((one.found != one.core)[one.wall])
    return float(reliability(np.concatenate(stated), np.concatenate(wrong)).ece)


def _answers(looked: list[Looked]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(N, 2) features and (N,) truth of every voxel of the walls."""
    seen = [
        torch.stack(features(torch.from_numpy(one.answer), torch.from_numpy(one.spread)), -1).numpy()[one.wall]
        for one in looked
    ]
    return np.concatenate(seen), np.concatenate([one.core[one.wall] for one in looked])


def _best_threshold(obstructed: list[Looked]) -> float:
    walls = [(one.probability[one.wall], one.core[one.wall]) for one in obstructed]
    means = [np.mean([dice(probability > least, core) for probability, core in walls]) for least in THRESHOLDS]
    return float(THRESHOLDS[int(np.argmax(means))])


def _best_fraction(obstructed: list[Looked]) -> float:
    components = [Components.above(one.calibration.threshold[0], one.probability) for one in obstructed]
    means = [
        np.mean([dice(each.large(fraction), one.core) for each, one in zip(components, obstructed, strict=True)])
        for fraction in FRACTIONS
    ]
    return FRACTIONS[int(np.argmax(means))]
