"""How good an MVO network is on simulated infarcts of held-out hearts, and how much of real hearts it flags."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.evaluate.metrics import dice, hd95, jaccard, reliability
from medvos.evaluate.table import BAD_DICE
from medvos.models.mvo.network import MvoNetwork
from medvos.segmentation.obstruction import presence
from medvos.segmentation.wall import FIELD
from medvos.train.mvo.hearts import LV_DIAMETER_MM, NETWORK_SIDE
from medvos.train.mvo.judge import Judged, Looked, judge
from medvos.train.mvo.patients import HeldOut
from medvos.uncertainty.calibration import Calibration, fit_logistic
from medvos.uncertainty.slices import expected_dice
from medvos.uncertainty.voxels import raw_features

# Assumed, for ACDC's files have none: slice distance, and pixels of a heart of typical size.
SPACING = (8.0, FIELD * LV_DIAMETER_MM / NETWORK_SIDE, FIELD * LV_DIAMETER_MM / NETWORK_SIDE)


def validate(
    network: MvoNetwork, data: Path | None, cache: Path, device: torch.device, patients: int | None = None
) -> tuple[dict[str, float], Calibration]:
    """Figures by name, and the constants of the uncertainty, fitted on the same simulated patients.

    Parameters
    ----------
    network: what is judged.
    data: folder of the data sets.
    cache: folder of what was computed from them.
    device: where it runs.
    patients: so many hearts of each kind; default all.

    Raises
    ------
    InputError: the data are not there.
    """
    held_out = HeldOut.of(data, cache, patients)
    judged = judge(network, held_out, device)
    calibration = calibrate(judged)
    counts = {"hearts": float(len(held_out.hearts)), "real infarcts": float(len(held_out.infarcted))}
    return counts | figures(judged, calibration), calibration


def figures(judged: Judged, calibration: Calibration) -> dict[str, float]:
    """Means over patients by name; the last says how far stated chances of a wrong voxel are from what is true."""
    return {
        **overlap(judged.obstructed),
        "wall flagged in % with a simulated infarct without obstruction": _mean(judged.dead),
        "wall flagged in % without any infarct, all validation hearts": _mean(judged.without),
        "wall flagged in %, ACDC normal": _mean(judged.normal),
        "wall flagged in %, ACDC with a real infarct": _mean(judged.infarcted),
        "ECE": calibration_error(judged, calibration),
    }


def overlap(looked: list[Looked]) -> dict[str, float]:
    """Means over patients, whole hearts."""
    pairs = [(one.found, one.core) for one in looked]
    hits = np.array([(a & b).sum() for a, b in pairs], float)
    found, there = (np.array([pair[i].sum() for pair in pairs], float) for i in (0, 1))
    apart = [hd95(a, b, SPACING) for a, b in pairs if a.any()]
    return {
        "Dice": float(np.mean([dice(a, b) for a, b in pairs])),
        "Jaccard": float(np.mean([jaccard(a, b) for a, b in pairs])),
        "HD95 in mm, where any was found": float(np.mean(apart)) if apart else float("nan"),
        "precision": float(np.mean(hits[found > 0] / found[found > 0])) if (found > 0).any() else float("nan"),
        "recall": float(np.mean(hits / there)),
        "patients in whom any was found in %": 100 * float((found > 0).mean()),
        "error of the volume in % of the wall": float(
            np.mean(100 * np.abs(found - there) / [one.wall.sum() for one in looked])
        ),
    }


def calibrate(judged: Judged) -> Calibration:
    """Chances of a wrong voxel of the wall and of a bad slice, fitted where the truth is known."""
    looked = judged.obstructed + judged.dead
    doubts, bad = [], []
    for one in looked:
        chance = torch.from_numpy(one.chance)
        both = torch.stack([1 - chance, chance], 1)
        doubts.append((1 - expected_dice(both, presence(chance))).clamp(1e-6, 1 - 1e-6).logit().numpy())
        bad.append([dice(a, b) < BAD_DICE for a, b in zip(one.found, one.core, strict=True)])
    a, b, c = fit_logistic(*_voxels(looked))
    in_slices = fit_logistic(np.concatenate(doubts)[:, None], np.concatenate(bad))
    return Calibration((a, b, c), (in_slices[0], in_slices[1]))


def calibration_error(judged: Judged, calibration: Calibration) -> float:
    """How far the stated chances of a wrong voxel of the wall are from what is true (ECE)."""
    seen, happened = _voxels(judged.obstructed + judged.dead)
    a, *slopes = calibration.voxel
    return float(reliability(1 / (1 + np.exp(-(a + seen @ np.array(slopes)))), happened).ece)


def _voxels(looked: list[Looked]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(N, 2) what doubt is told from, and (N,) whether the voxel of the wall is wrong."""
    features = []
    for one in looked:
        chance = torch.from_numpy(one.chance)
        maps = raw_features(torch.stack([1 - chance, chance], 1), torch.from_numpy(one.spread).clamp_min(0))
        features.append(torch.stack(maps, -1).numpy()[one.wall])
    wrong = [(one.found != one.core)[one.wall] for one in looked]
    return np.concatenate(features), np.concatenate(wrong)


def _mean(looked: list[Looked]) -> float:
    return float(np.mean([one.flagged for one in looked])) if looked else float("nan")
