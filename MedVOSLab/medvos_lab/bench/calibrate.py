"""Calibration of raw uncertainty into probabilities on the ACDC validation patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.evaluate.metrics import reliability
from medvos.models.cstm.network import Cstm
from medvos.propagation.assemble import assemble
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.memory_fallback import run_with_fallback
from medvos.propagation.second_opinion import SecondOpinion
from medvos.propagation.settings import PropagationSettings
from medvos.uncertainty.calibration import Calibration, fit_logistic
from medvos.uncertainty.slices import expected_dice
from medvos.uncertainty.voxels import raw_features
from medvos_lab.bench.protocol import Trial, prepare
from medvos_lab.bench.score import NEAR_THE_HEART_MM, slice_dice
from medvos_lab.bench.table import BAD_DICE
from medvos_lab.datasets import acdc_cases
from medvos_lab.datasets.acdc_beats import acdc_beats

# Every voxel near the heart of 20 patients is far more than three numbers need.
VOXELS_A_FRAME = 400


@dataclass(frozen=True)
class Observed:
    """Raw scores of one patient and what came true.

    Attributes
    ----------
    voxels: (N, 2) features of `raw_features`; ``wrong`` (N,) bool.
    slices: (M, 1) logit(1 - expected Dice); ``bad`` (M,) bool.
    """

    voxels: NDArray[np.float32]
    wrong: NDArray[np.bool_]
    slices: NDArray[np.float32]
    bad: NDArray[np.bool_]


def calibrate(
    network: Cstm,
    data: Path | None,
    device: torch.device,
    cases: int | None = None,
    second: SecondOpinion | None = None,
) -> tuple[Calibration, dict[str, float]]:
    """Fit constants on all validation patients; return them and the calibration error expected on unseen patients.

    The patients are segmented from ED to ES at once and, by a network with a motion prior, also through every phase.

    The error is cross-fitted: patients whose number ends in 4 are judged by constants fitted on those that end in 9,
    and the other way round.

    Parameters
    ----------
    network: in evaluation mode on ``device``.
    data: folder of the data sets.
    cases: so many patients; default all.
    second: opinion that is blended in.
    """
    trials = [prepare(case) for case in acdc_cases(data, "validation")][:cases]
    if network.config.motion:
        trials += [prepare(beat.cropped()) for beat in acdc_beats(data, "validation")][:cases]
    seen = [observe(trial, network, device, second) for trial in trials]
    halves = [[o for o, t in zip(seen, trials, strict=True) if t.case.name.endswith(digit)] for digit in "49"]
    errors = {}
    if all(halves):
        errors = cross_fitted_error(halves, fit)
    return fit(seen), errors


def cross_fitted_error(
    halves: Sequence[Sequence[Observed]], fitted: Callable[[Sequence[Observed]], Calibration]
) -> dict[str, float]:
    """Return the calibration error that is expected on unseen cases: each of two halves is judged by the other.

    >>> cross_fitted_error(halves, fit)
    {'ECE, cross-fitted': 0.012}
    """
    crossed = [(fitted(a), b) for a, b in (halves, halves[::-1])]
    stated = np.concatenate([probability(c.voxel, o.voxels) for c, half in crossed for o in half])
    happened = np.concatenate([o.wrong for _, half in crossed for o in half])
    return {"ECE, cross-fitted": float(reliability(stated, happened).ece)}


def observe(trial: Trial, network: Cstm, device: torch.device, second: SecondOpinion | None = None) -> Observed:
    """Propagate one patient and compare."""
    seed = trial.seed
    inputs = PropagationInputs.of(trial.case.cine, seed, network.config)
    slices = run_with_fallback(inputs, network, device, PropagationSettings(), second=second).slices
    labels = assemble(seed, inputs, slices, Calibration()).labels
    dice = slice_dice(trial, labels)  # (T, Z), nan where there is nothing to judge
    truth = trial.case.labels
    rng = np.random.default_rng(0)
    voxels, wrong, scores, bad = [], [], [], []
    for result in slices:
        features = [f.numpy() for f in raw_features(result.probabilities.cpu(), result.spread.cpu())]
        expected_error = 1 - expected_dice(result.probabilities.cpu(), result.presence.cpu()).numpy()
        for phase in range(truth.shape[0]):
            if np.isnan(dice[phase, result.z]):
                continue
            scores.append(expected_error[phase])
            bad.append(dice[phase, result.z] < BAD_DICE)
            found, expert = (_in_region(inputs, maps[phase, result.z]) for maps in (labels, truth))
            rows, cols = np.nonzero(_near(found > 0, inputs, trial) | _near(expert > 0, inputs, trial))
            chosen = rng.permutation(len(rows))[:VOXELS_A_FRAME]
            rows, cols = rows[chosen], cols[chosen]
            voxels.append(np.stack([f[phase, rows, cols] for f in features], 1))
            wrong.append((found != expert)[rows, cols])
    logits = np.clip(scores, 1e-6, 1 - 1e-6)
    return Observed(
        np.concatenate(voxels),
        np.concatenate(wrong),
        np.log(logits / (1 - logits)).astype(np.float32)[:, None],
        np.array(bad),
    )


def _in_region(inputs: PropagationInputs, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Resample labels (Y, X) to (H, W), the most frequent label of each pixel."""
    one_hot = labels == np.arange(labels.max() + 1, dtype=np.uint8)[:, None, None]
    maps = inputs.region.extract(torch.from_numpy(one_hot.astype(np.float32))[:, None])[:, 0]
    return maps.argmax(0).numpy().astype(np.uint8)


def _near(mask: NDArray[np.bool_], inputs: PropagationInputs, trial: Trial) -> NDArray[np.bool_]:
    from scipy import ndimage

    if not mask.any():
        return mask
    pixel = trial.case.cine.spacing[1] * inputs.region.height / inputs.region.side
    return np.asarray(ndimage.distance_transform_edt(~mask) * pixel <= NEAR_THE_HEART_MM)


def fit(observed: Sequence[Observed]) -> Calibration:
    """Fit the constants on these patients."""
    voxel = fit_logistic(np.concatenate([o.voxels for o in observed]), np.concatenate([o.wrong for o in observed]))
    z = fit_logistic(np.concatenate([o.slices for o in observed]), np.concatenate([o.bad for o in observed]))
    return Calibration((voxel[0], voxel[1], voxel[2]), (z[0], z[1]))


def probability(constants: Sequence[float], features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the logistic probability of features (N, F) by an intercept and F weights."""
    return 1 / (1 + np.exp(-(constants[0] + features @ np.array(constants[1:]))))
