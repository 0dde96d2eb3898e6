"""Metrics of echo segmentation on CAMUS, on the grid of its drawings."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.evaluate.metrics import dice
from medvos.measure.simpson import main_part, single_plane
from medvos.models.echo.network import EchoNetwork
from medvos.segmentation.echo_labels import echo_labels
from medvos.structures import LV, name_of
from medvos_lab.datasets.camus import NUMBERS, CamusStudy

Labels = NDArray[np.uint8]
PHASES = ("ED", "ES")


def on_camus(
    segment: Callable[[CamusStudy], Labels],
    studies: Iterable[CamusStudy],
    structures: Iterable[int],
    drawn: bool = False,
) -> dict[str, float]:
    """Return the mean Dice of each structure at ED and ES, and the errors of EF in one plane.

    Parameters
    ----------
    segment: a study to its labels (2, Y, X) at ED and ES.
    studies: to score.
    structures: labels that ``segment`` gives.
    drawn: whether it is given the drawing at ED, which is then not scored.
    """
    overlaps: dict[str, list[float]] = {}
    errors: list[float] = []
    count = 0
    for study in studies:
        found, count = segment(study), count + 1
        for label in (label for label in NUMBERS.values() if label in structures):
            for phase in range(1 if drawn else 0, 2):
                score = dice(found[phase] == label, study.labels[phase] == label)
                overlaps.setdefault(f"CAMUS {name_of(label)} {PHASES[phase]}", []).append(score)
        errors.append(_fraction(found, study.pixel) - _fraction(study.labels, study.pixel))
    known = np.array(errors)[np.isfinite(errors)]
    ef = (np.abs(known).mean(), np.median(np.abs(known)), known.mean()) if len(known) else (np.nan,) * 3
    return {
        "CAMUS studies": float(count),
        **{name: float(np.mean(values)) for name, values in overlaps.items()},
        "CAMUS EF, mean absolute error in points": float(ef[0]),
        "CAMUS EF, median absolute error in points": float(ef[1]),
        "CAMUS EF, bias in points": float(ef[2]),
        "CAMUS EF not known": float(count - len(known)),
    }


@torch.inference_mode()
def network_labels(network: EchoNetwork, study: CamusStudy, device: torch.device) -> Labels:
    """Return labels (2, Y, X) of both frames, each repeated k times, through the region that the network is given."""
    region = study.region(network.config.side)
    images = region.extract(torch.from_numpy(study.images)[:, None].float() / 255)
    clips = images.expand(-1, network.config.k, -1, -1).to(device)
    probabilities = torch.sigmoid(network(clips)).cpu()
    on_the_grid = region.restore(probabilities, study.images.shape[1:]).numpy()
    return echo_labels(np.moveaxis(on_the_grid, 1, 0), network.config.structures)


def _fraction(labels: Labels, pixel: float) -> float:
    volumes = [single_plane(main_part(frame == LV), (pixel, pixel)) for frame in labels]
    if volumes[0] is None or volumes[1] is None:
        return float("nan")
    return 100 * (1 - volumes[1] / volumes[0])
