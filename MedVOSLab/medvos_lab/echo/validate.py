"""Validation of an echo network: on pairs and studies whose frames are repeated as still clips, and on whole clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from medvos.evaluate.metrics import dice, hd95
from medvos.models.echo.network import EchoNetwork
from medvos.models.echo.stream import stream
from medvos.structures import LV
from medvos_lab.bench.camus_scores import network_labels, on_camus
from medvos_lab.datasets.camus import camus_studies
from medvos_lab.datasets.echonet import EchoClip, EchoPairs, echonet_clips, echonet_pairs
from medvos_lab.echo.scores import PIXEL, ejection_fraction

CHUNK = 16


def validate(network: EchoNetwork, data: Path | None, device: torch.device) -> dict[str, float]:
    """Return metrics by name on EchoNet's 300 validation pairs and two validation clips, and on CAMUS's 50 studies.

    Raises
    ------
    InputError: the data are not there.
    """
    network = network.to(device).eval()
    return (
        on_pairs(network, echonet_pairs(data), device)
        | on_clips(network, echonet_clips(data), device)
        | on_camus(lambda study: network_labels(network, study, device), camus_studies(data), network.config.structures)
    )


@torch.inference_mode()
def on_pairs(network: EchoNetwork, pairs: EchoPairs, device: torch.device) -> dict[str, float]:
    """Score each frame by itself, repeated k times."""
    n, _, height, width = pairs.images.shape
    frames = torch.from_numpy(pairs.images.reshape(-1, height, width)).float() / 255
    parts = [network(part.to(device)[:, None].expand(-1, network.config.k, -1, -1)) for part in frames.split(CHUNK)]
    lv = network.config.structures.index(LV)
    found = (torch.cat(parts)[:, lv] > 0).cpu().numpy().reshape(pairs.masks.shape)
    scores = np.array(
        [[dice(f, t) for f, t in zip(*pair, strict=True)] for pair in zip(found, pairs.masks, strict=True)]
    )
    distances = [
        hd95(f[None], t[None], (1.0, *PIXEL))
        for f, t in zip(found.reshape(-1, height, width), pairs.masks.reshape(-1, height, width), strict=True)
    ]
    fractions, truth = (np.array([ejection_fraction(masks) for masks in side]) for side in (found, pairs.masks))
    error = fractions - truth
    known = np.isfinite(error)
    return {
        "pairs": float(n),
        "Dice": float(scores.mean()),
        "Dice ED": float(scores[:, 0].mean()),
        "Dice ES": float(scores[:, 1].mean()),
        "HD95 in pixels": float(np.nanmean(distances)),
        "EF, mean absolute error in points": float(np.abs(error[known]).mean()),
        "EF, median absolute error in points": float(np.median(np.abs(error[known]))),
        "EF, bias in points": float(error[known].mean()),
        "EF, standard deviation in points": float(error[known].std()),
        "EF, correlation": float(np.corrcoef(fractions[known], truth[known])[0, 1]),
    }


def on_clips(network: EchoNetwork, clips: list[EchoClip], device: torch.device) -> dict[str, float]:
    """Score the drawn frames of whole clips, and the jumps of the area from frame to frame."""
    scores, jumps = [], []
    for clip in clips:
        frames = (torch.from_numpy(clip.frames).float() / 255).to(device)
        lv = network.config.structures.index(LV)
        found = (torch.cat(list(stream(network, frames.split(CHUNK))))[:, lv] > 0.5).cpu().numpy()
        scores += [dice(found[i], mask) for i, mask in zip((clip.ed, clip.es), clip.masks, strict=True)]
        areas = found.sum((1, 2)).astype(float)
        jumps.append(float((np.abs(np.diff(areas)) / np.maximum(areas[:-1], 1)).max()))
    return {
        "clips": float(len(clips)),
        "Dice, clips": float(np.mean(scores)),
        "greatest jump of the area between neighbours in %": 100 * max(jumps),
    }
