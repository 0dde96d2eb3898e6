"""Validation of Vivim without a seed, and calibration of its uncertainty, on the ACDC validation patients."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from medvos.evaluate.metrics import reliability
from medvos.models.vivim.network import Vivim
from medvos.segmentation.short_axis import VivimInference
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.slices import expected_dice
from medvos.uncertainty.voxels import raw_features
from medvos_lab.bench.calibrate import VOXELS_A_FRAME, Observed, fit, probability
from medvos_lab.bench.protocol import Trial, prepare
from medvos_lab.bench.score import Prediction, score, slice_dice
from medvos_lab.bench.table import BAD_DICE, CARD_COLUMNS, summarise
from medvos_lab.datasets import acdc_cases


@torch.inference_mode()
def validate(
    network: Vivim, data: Path | None, device: torch.device, cases: int | None = None
) -> tuple[dict[str, float], Calibration]:
    """Return metrics by name, and the constants of the uncertainty.

    The calibration error is cross-fitted: patients whose number ends in 4 are judged by constants fitted on those that
    end in 9, and the other way round.

    Parameters
    ----------
    network: in evaluation mode.
    data: folder of the data sets.
    device: where it runs.
    cases: so many patients; default all.

    Raises
    ------
    InputError: the data are not there.
    """
    network = network.to(device).eval()
    trials = [prepare(case) for case in acdc_cases(data, "validation")][:cases]
    scores, observed = [], []
    for trial in trials:
        prediction, seen = _observed(trial, network, device)
        scores.append(score(trial, prediction, "vivim"))
        observed.append(seen)
    metrics = {name: value for name, value in summarise(scores).items() if name in CARD_COLUMNS}
    halves = [[o for o, t in zip(observed, trials, strict=True) if t.case.name.endswith(digit)] for digit in "49"]
    if all(halves):
        crossed = [(fit(a), b) for a, b in (halves, halves[::-1])]
        stated = np.concatenate([probability(c.voxel, o.voxels) for c, half in crossed for o in half])
        happened = np.concatenate([o.wrong for _, half in crossed for o in half])
        metrics["ECE, cross-fitted"] = float(reliability(stated, happened).ece)
    return {"patients": float(len(trials)), **metrics}, fit(observed)


def _observed(trial: Trial, network: Vivim, device: torch.device) -> tuple[Prediction, Observed]:
    """Label of one patient, and the raw scores with what came true."""
    run = VivimInference.of(trial.case.cine, network, device)
    found = list(run.slices())
    labels = np.stack([run.labels(result) for result in found], 1)
    overlap = slice_dice(trial, labels)  # (T, Z), nan where there is nothing to judge
    truth = trial.case.labels
    rng = np.random.default_rng(0)
    voxels, wrong, expected_errors, bad = [], [], [], []
    for result in found:
        maps = torch.stack(raw_features(result.probabilities, result.spread), 1)
        features = run.on_the_grid(maps).numpy()  # (T, 2, Y, X)
        expected_error = 1 - expected_dice(result.probabilities, result.presence).numpy()
        for phase in np.flatnonzero(~np.isnan(overlap[:, result.z])):
            expected_errors.append(expected_error[phase])
            bad.append(overlap[phase, result.z] < BAD_DICE)
            pair = labels[phase, result.z], truth[phase, result.z]
            rows, cols = np.nonzero(_near((pair[0] > 0) | (pair[1] > 0), trial))
            chosen = rng.permutation(len(rows))[:VOXELS_A_FRAME]
            rows, cols = rows[chosen], cols[chosen]
            voxels.append(features[phase][:, rows, cols].T)
            wrong.append((pair[0] != pair[1])[rows, cols])
    logits = np.clip(expected_errors, 1e-6, 1 - 1e-6)
    observed = Observed(
        np.concatenate(voxels),
        np.concatenate(wrong),
        np.log(logits / (1 - logits)).astype(np.float32)[:, None],
        np.array(bad),
    )
    return Prediction(labels), observed


def _near(heart: np.ndarray, trial: Trial) -> np.ndarray:
    from scipy import ndimage

    from medvos_lab.bench.score import NEAR_THE_HEART_MM

    return ndimage.distance_transform_edt(~heart, sampling=trial.case.cine.spacing[1:]) <= NEAR_THE_HEART_MM
