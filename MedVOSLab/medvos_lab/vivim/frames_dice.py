"""Accuracy of Vivim against the number of frames that it is given of the same beats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch

from medvos.cine.cine import Cine
from medvos.models.vivim.network import Vivim
from medvos.segmentation.short_axis import VivimInference
from medvos_lab.bench.output import markdown_table
from medvos_lab.bench.protocol import prepare
from medvos_lab.bench.score import Prediction, score
from medvos_lab.bench.table import summarise, text
from medvos_lab.datasets.acdc_beats import Beat
from medvos_lab.datasets.labelled import LabelledCine

COUNTS = (2, 5, 10, 20)
COLUMNS = ("Dice mean", "Dice LV", "Dice Myo", "Dice RV", "LV EF")


def with_frames(beat: Beat, count: int) -> LabelledCine:
    """Return the crop of a beat at ED, at ES and at evenly spaced phases between, ``count`` in all.

    A beat of fewer phases gives all of them.

    Raises
    ------
    ValueError: fewer than two frames, which cannot show ED and ES.
    """
    if count < 2:
        raise ValueError(f"{count} frames do not show ED and ES")
    whole = beat.cropped()
    systole = (beat.es - beat.ed) % beat.phases
    # Of the phases after ED, those in diastole are spaced alike with those in systole.
    before = min(max(round(count * systole / beat.phases), 1), systole, count - 1)
    after = min(count - before, beat.phases - systole)
    steps = [
        *np.linspace(0, systole, before, endpoint=False),
        *np.linspace(systole, beat.phases, after, endpoint=False),
    ]
    phases = np.unique((beat.ed + np.round(steps).astype(int)) % beat.phases)
    cine = whole.cine
    return replace(
        whole,
        cine=Cine(
            cine.array[phases], cine.affine, cine.times[phases] - cine.times[phases[0]], cine.period, cine.source
        ),
        labels=whole.labels[phases],
    )


@torch.inference_mode()
def against_frames(
    network: Vivim, beats: Iterable[Beat], device: torch.device, counts: Sequence[int] = COUNTS
) -> dict[int, dict[str, float]]:
    """Return the metrics of `medvos_lab.bench.table.summarise` at ED and ES by the number of frames given.

    Example
    -------
    >>> against_frames(network, acdc_beats(), device)[10]["Dice mean"]
    0.91
    """
    scores: dict[int, list] = {count: [] for count in counts}
    for beat in beats:
        for count, found in scores.items():
            case = with_frames(beat, count)
            run = VivimInference.of(case.cine, network, device)
            labels = np.stack([run.labels(result) for result in run.slices()], 1)
            found.append(score(prepare(case), Prediction(labels), f"{count} frames"))
    return {count: summarise(found) for count, found in scores.items()}


def frames_markdown(rows: dict[str, dict[int, dict[str, float]]]) -> list[str]:
    """Return a table with a row for each model and number of frames."""
    cells = [
        (model, str(count), *(text(metrics[column], column) for column in COLUMNS))
        for model, by_count in rows.items()
        for count, metrics in by_count.items()
    ]
    cases = max((int(m["cases"]) for by_count in rows.values() for m in by_count.values()), default=0)
    title = f"# Accuracy against frames, {cases} beats of ACDC, ED and ES scored"
    return [title, "", *markdown_table(("model", "frames", *COLUMNS), cells)]
