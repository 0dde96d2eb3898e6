"""Calibration of an echo network's raw uncertainty into probabilities on the validation pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

from medvos.evaluate.metrics import dice
from medvos.models.echo.network import EchoNetwork
from medvos.models.echo.stream import stream
from medvos.structures import LV
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.slices import expected_dice
from medvos.uncertainty.voxels import raw_features
from medvos_lab.bench.calibrate import VOXELS_A_FRAME, Observed, cross_fitted_error, fit
from medvos_lab.bench.table import BAD_DICE
from medvos_lab.datasets.echonet import EchoPairs, echonet_pairs

NEAR_THE_LV = 10  # pixels; everything is sure further out


def calibrate_echo(
    network: EchoNetwork, data: Path | None, device: torch.device
) -> tuple[Calibration, dict[str, float]]:
    """Fit constants on all validation pairs; return them and the calibration error expected on unseen pairs.

    The error is cross-fitted between the first and the second half of the pairs.

    Parameters
    ----------
    network: in evaluation mode on ``device``.
    data: folder of the data sets.
    """
    pairs = echonet_pairs(data)
    middle = len(pairs.images) // 2
    halves = [[observe(network, pairs, part, device)] for part in (slice(0, middle), slice(middle, None))]
    return fit([each for half in halves for each in half]), cross_fitted_error(halves, fit)


@torch.inference_mode()
def observe(network: EchoNetwork, pairs: EchoPairs, part: slice, device: torch.device) -> Observed:
    """Segment both frames of some of the pairs, each as a still clip, and compare."""
    rng = np.random.default_rng(0)
    voxels, wrong, expected_errors, bad = [], [], [], []
    for frame, truth in zip(_frames(pairs.images[part]), _frames(pairs.masks[part]), strict=True):
        seen = (torch.from_numpy(frame)[None].float() / 255).to(device)
        lv = torch.cat(list(stream(network, [seen])))[:, network.config.structures.index(LV)].cpu()
        both = torch.stack([1 - lv, lv], 1)
        found = (lv[0] > 0.5).numpy()
        features = [f[0].numpy() for f in raw_features(both, torch.zeros_like(lv))]
        rows, columns = np.nonzero(ndimage.binary_dilation(found | truth, iterations=NEAR_THE_LV))
        chosen = rng.permutation(len(rows))[:VOXELS_A_FRAME]
        at = rows[chosen], columns[chosen]
        voxels.append(np.stack([f[at] for f in features], 1))
        wrong.append((found != truth)[at])
        expected_errors.append(1 - float(expected_dice(both, torch.ones(1, 1))))
        bad.append(dice(found, truth) < BAD_DICE)
    clipped = np.clip(expected_errors, 1e-6, 1 - 1e-6)
    logits = np.log(clipped / (1 - clipped)).astype(np.float32)[:, None]
    return Observed(np.concatenate(voxels), np.concatenate(wrong), logits, np.array(bad))


def _frames(pairs: NDArray) -> NDArray:
    """Reshape (N, 2, Y, X) to (2 N, Y, X)."""
    return pairs.reshape(-1, *pairs.shape[2:])
