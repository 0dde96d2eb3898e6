"""Ablation of the cine-MVO network on simulated infarcts: motion, attention and refinement, and its baselines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from medvos.errors import InputError
from medvos_lab.ablation_types import Ablation, Judging, Row, Scores

if TYPE_CHECKING:
    from medvos.models.store import ModelInfo


def score(row: Row, info: ModelInfo, judging: Judging) -> Scores:
    """Score as ``medvos bench mvo`` does; the cases that are paired are hearts."""
    from medvos.models.networks import load_mvo
    from medvos_lab.mvo.obstruction_constants import cross_fitted
    from medvos_lab.mvo.patients import HeldOut
    from medvos_lab.mvo.predictions import dice_of_hearts, judge
    from medvos_lab.mvo.validate import metrics_of

    held_out = HeldOut.of(judging.data, judging.cache, judging.cases)
    judged = cross_fitted(judge(load_mvo(info, judging.device), held_out, judging.device))
    cases = f"{len(judged.obstructed)} simulated cores in {len(held_out.hearts)} hearts"
    return Scores(metrics_of(judged), cases, list(dice_of_hearts(judged.obstructed).values()))


def score_folds(row: Row, infos: Sequence[ModelInfo], judging: Judging) -> Scores:
    """Score every fold's hearts by the network that was trained without them; metrics are of all hearts together.

    Raises
    ------
    InputError: a fold has hearts in one of its halves only, so that the constants would be fitted on what they judge.
    """
    from medvos.models.networks import load_mvo
    from medvos_lab.folds import folds_of
    from medvos_lab.mvo.obstruction_constants import cross_fitted
    from medvos_lab.mvo.patients import HeldOut, number
    from medvos_lab.mvo.predictions import Judged, dice_of_hearts, judge
    from medvos_lab.mvo.validate import metrics_of, overlap

    parts = []
    for fold, info in zip(folds_of(len(infos)), infos, strict=True):
        held_out = HeldOut.of(judging.data, judging.cache, judging.cases, fold)
        if len({fold.half(number(heart)) for heart in held_out.hearts}) < 2:
            raise InputError(
                f"Fold {fold} has too few hearts for constants that are fitted on others than those they judge; give "
                "--cases 2 or more, or fewer --folds."
            )
        parts.append(cross_fitted(judge(load_mvo(info, judging.device), held_out, judging.device), fold))
    judged = Judged.joined(parts)
    hearts = dice_of_hearts(judged.obstructed)
    folds = {
        "Dice": [overlap(part.obstructed)["Dice"] for part in parts],
        "Dice without contrast": [overlap(part.plain)["Dice"] for part in parts],
    }
    cases = f"{len(judged.obstructed)} simulated cores in {len(hearts)} hearts"
    return Scores(metrics_of(judged), cases, list(hearts.values()), folds)


ABLATION = Ablation(
    model="mvo",
    title="Ablation of the cine-MVO network, simulated infarcts",
    steps=400,
    rows=(
        Row(
            "whole",
            "frames, differences, attention, refinement",
            "mvo",
            paper={"Dice": "0.556", "Jaccard": "0.544", "precision": "0.871", "recall": "0.595"},
        ),
        Row("static", "frames alone", "mvo", {"without": ["motion"]}),
        Row("motion", "differences alone", "mvo", {"without": ["static"]}),
        Row("no-guided", "differences added, without attention", "mvo", {"without": ["guided"]}),
        Row("no-convolved", "attention alone, as in the paper", "mvo", {"without": ["convolved"]}),
        Row("gain", "differences times 8, to the spread of the frames", "mvo", {"motion_gain": 8.0}),
        Row(
            "gain-plain",
            "differences times 8, half of the infarcts without contrast",
            "mvo",
            {"motion_gain": 8.0, "without_contrast": 0.5},
        ),
        Row("plain-half", "half of the infarcts without contrast", "mvo", {"without_contrast": 0.5}),
        Row("no-refined", "without refinement", "mvo", {"without": ["refined"]}),
        # Its beats have 10 frames, those of the others 5 or 10 (3 to 1): a step has 4 slices instead of 7.
        Row("unet", "U-Net, all frames as channels", "mvo-unet", paper={"Dice": "0.474"}, longer=1.75),
        Row("vivim", "Vivim", "mvo-vivim", paper={"Dice": "0.526"}),
    ),
    columns={
        "Dice": "Dice",
        "Dice where the core is over 2 % of the wall": "Dice, large cores",
        "Dice without contrast": "Dice, no contrast",
        "Jaccard": "Jaccard",
        "HD95 in mm, where any was found": "HD95, mm",
        "precision": "precision",
        "recall": "recall",
        "wall flagged in %, ACDC normal": "wall flagged in %, ACDC normal",
        "wall flagged in %, ACDC with a real infarct": "with a real infarct",
    },
    data=(
        "ACDC's held-out hearts without an infarct, each with a simulated core in the territory of each artery; "
        "simulated, not patients with observed obstruction."
    ),
    paper="621 private scans with observed obstruction.",
    paired="Dice of each heart, the mean over its three territories",
    score=score,
    score_folds=score_folds,
)
