"""Ablation of Vivim: its scans, and the constraint on boundaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medvos_lab.ablation_types import Ablation, Judging, Row, Scores

if TYPE_CHECKING:
    from medvos.models.store import ModelInfo


def score(row: Row, info: ModelInfo, judging: Judging) -> Scores:
    """Score without a drawing on ACDC's validation patients; the cases that are paired are patients."""
    from itertools import islice

    import numpy as np

    from medvos.models.networks import load_vivim
    from medvos.segmentation.short_axis import VivimInference
    from medvos_lab.bench.protocol import prepare
    from medvos_lab.bench.score import Prediction
    from medvos_lab.bench.score import score as score_case
    from medvos_lab.bench.table import summarise
    from medvos_lab.datasets import acdc_cases

    network = load_vivim(info, judging.device)
    scores = []
    for case in islice(acdc_cases(judging.data, "validation"), judging.cases):
        run = VivimInference.of(case.cine, network, judging.device)
        labels = np.stack([run.labels(result) for result in run.slices()], 1)
        scores.append(score_case(prepare(case), Prediction(labels), row.name))
    paired = [summarise([each])["Dice mean"] for each in scores]
    return Scores(summarise(scores), f"{len(scores)} patients", paired)


ABLATION = Ablation(
    model="vivim",
    title="Ablation of Vivim, short-axis cine without a drawing",
    steps=300,
    rows=(
        Row(
            "all",
            "three scans, contours with the affine constraint",
            "vivim",
            paper={"Dice mean": "0.832 (VTUS)"},
        ),
        Row("frames", "no scan: every frame by itself", "vivim", {"scan": ["none"]}),
        Row("forward", "the forward scan", "vivim", {"scan": ["forward"]}),
        Row("forward-backward", "the forward and the backward scan", "vivim", {"scan": ["forward", "backward"]}),
        Row("spatial-first", "single frames first, then with all scans", "vivim", {"spatial_first": True}),
        Row("no-adversarial", "the constraint without its adversarial half", "vivim", {"boundary": "towards"}),
        Row("no-affine", "contours without the affine constraint", "vivim", {"boundary": "contours"}),
        Row("no-boundary", "without contours", "vivim", {"boundary": "none"}),
    ),
    columns={
        "Dice mean": "mean Dice",
        "Dice LV": "LV",
        "Dice Myo": "Myo",
        "Dice RV": "RV",
        "HD95 mean": "HD95, mm",
        "LV EF": "LV EF error",
        "RV EF": "RV EF error",
    },
    data="ACDC's validation patients (number ending in 4 or 9) at ED and ES, whole hearts, EF errors in points.",
    paper="VTUS, a video data set of the thyroid in ultrasound.",
    paired="mean Dice of each patient",
    score=score,
)
