"""Validation of an MVO network on simulated infarcts of held-out hearts, and its false positives on real hearts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from medvos.evaluate.metrics import dice, hd95, jaccard
from medvos.models.mvo.network import MvoNetwork
from medvos.segmentation.wall_region import FIELD
from medvos.uncertainty.obstruction_calibration import ObstructionCalibration
from medvos_lab.folds import USUAL, Fold
from medvos_lab.mvo.heart_slices import LV_DIAMETER_MM, NETWORK_SIDE
from medvos_lab.mvo.obstruction_constants import calibrate, calibration_error, cross_fitted
from medvos_lab.mvo.patients import HeldOut
from medvos_lab.mvo.predictions import Judged, PatientPrediction, judge

# EMIDEC's patients who have obstruction have it in 1.9 % of the wall (median of 30).
LARGE_CORE = 0.02  # of the wall
# Metrics of the same cores without any contrast on cine, and what they are called with it.
WITHOUT_CONTRAST = {"Dice without contrast": "Dice", "recall without contrast": "recall"}
LARGE = "Dice where the core is over 2 % of the wall"
# Assumed, for ACDC's files have none: slice distance, and pixels of a heart of typical size.
SPACING = (8.0, FIELD * LV_DIAMETER_MM / NETWORK_SIDE, FIELD * LV_DIAMETER_MM / NETWORK_SIDE)


def validate(
    network: MvoNetwork,
    data: Path | None,
    cache: Path,
    device: torch.device,
    patients: int | None = None,
    fold: Fold = USUAL,
) -> tuple[dict[str, float], ObstructionCalibration]:
    """Return metrics by name, and the constants of the obstruction map, fitted on all simulated patients.

    The metrics are cross-fitted: patients of one half of the fold (by default, whose number ends in 4) are judged by
    constants fitted on the other half (whose number ends in 9), and the other way round.

    Parameters
    ----------
    network: in evaluation mode.
    data: folder of the data sets.
    cache: folder of data that are computed from them once.
    device: where it runs.
    patients: number of hearts of each kind; default all.
    fold: whose patients they are.

    Raises
    ------
    InputError: the data are not there.
    """
    held_out = HeldOut.of(data, cache, patients, fold)
    judged = judge(network, held_out, device)
    counts = {"hearts": float(len(held_out.hearts)), "real infarcts": float(len(held_out.infarcted))}
    return counts | metrics_of(cross_fitted(judged, fold)), calibrate(judged)


def metrics_of(judged: Judged) -> dict[str, float]:
    """Return means over patients by name; the last is the calibration error of the probability of a wrong voxel."""
    return {
        **overlap(judged.obstructed),
        **{name: overlap(judged.plain)[old] for name, old in WITHOUT_CONTRAST.items()},
        "wall flagged in % with a simulated infarct without obstruction": _mean(judged.dead),
        "wall flagged in % without any infarct, all validation hearts": _mean(judged.without),
        "wall flagged in %, ACDC normal": _mean(judged.normal),
        "wall flagged in %, ACDC with a real infarct": _mean(judged.infarcted),
        "ECE": calibration_error(judged.obstructed + judged.dead),
    }


def overlap(predictions: list[PatientPrediction]) -> dict[str, float]:
    """Return means over patients of whole-heart metrics."""
    pairs = [(patient.found, patient.core) for patient in predictions]
    hits = np.array([(a & b).sum() for a, b in pairs], float)
    found, there = (np.array([pair[i].sum() for pair in pairs], float) for i in (0, 1))
    apart = [hd95(a, b, SPACING) for a, b in pairs if a.any()]
    dices = np.array([dice(a, b) for a, b in pairs])
    large = there > LARGE_CORE * np.array([patient.wall.sum() for patient in predictions])
    return {
        "Dice": float(dices.mean()),
        LARGE: float(dices[large].mean()) if large.any() else float("nan"),
        "Jaccard": float(np.mean([jaccard(a, b) for a, b in pairs])),
        "HD95 in mm, where any was found": float(np.mean(apart)) if apart else float("nan"),
        "precision": float(np.mean(hits[found > 0] / found[found > 0])) if (found > 0).any() else float("nan"),
        "recall": float(np.mean(hits / there)),
        "patients in whom any was found in %": 100 * float((found > 0).mean()),
        "error of the volume in % of the wall": float(
            np.mean(100 * np.abs(found - there) / [patient.wall.sum() for patient in predictions])
        ),
    }


def _mean(predictions: list[PatientPrediction]) -> float:
    return float(np.mean([patient.flagged for patient in predictions])) if predictions else float("nan")
