"""Ablation of Wu et al.: how many frames decide on one, each with an encoder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medvos_lab.ablation_types import Ablation, Judging, Row, Scores

if TYPE_CHECKING:
    from medvos.models.store import ModelInfo

PHASES = ("ED", "ES")


def score(row: Row, info: ModelInfo, judging: Judging) -> Scores:
    """Score as ``medvos bench echo`` does; the cases that are paired are EchoNet's pairs."""
    import numpy as np

    from medvos.evaluate.metrics import dice
    from medvos_lab.bench.camus_scores import on_camus
    from medvos_lab.echo.bench import on_clips, on_pairs, segmented, validation_data
    from medvos_lab.echo.methods import echo_method

    pairs, clips, studies = validation_data(judging.data, judging.cases)
    method = echo_method(info.name, judging.device.type)
    found = segmented(method, pairs)
    paired = [
        float(np.mean([dice(*both) for both in zip(masks, truth, strict=True)]))
        for masks, truth in zip(found, pairs.masks, strict=True)
    ]
    metrics = on_pairs(found, pairs) | on_camus(method.study, studies, method.structures) | on_clips(method, clips)
    means = {
        "Dice": float(np.mean(paired)),
        **{
            f"CAMUS {name}": float(np.mean([metrics[f"CAMUS {name} {p}"] for p in PHASES]))
            for name in ("LV", "Myo", "LA")
        },
    }
    return Scores(metrics | means, f"{len(pairs)} pairs, {len(studies)} studies, {len(clips)} clips", paired)


ABLATION = Ablation(
    model="wu",
    title="Ablation of Wu et al., echo without a drawing",
    steps=300,
    rows=(
        Row(
            "k3",
            "three frames, each with an encoder of its own",
            "echo-lv",
            paper={"Dice": "0.929", "EF r": "0.861", "EF bias": "1.8", "EF SD": "7.5", "CAMUS LV": "0.938"},
        ),
        Row("k1", "one encoder that three frames share", "echo-lv", {"k": "1"}),
        Row("k5", "five frames", "echo-lv", {"k": "5"}),
    ),
    columns={
        "Dice": "EchoNet LV Dice",
        "Dice ED": "ED",
        "Dice ES": "ES",
        "EF error": "EF error",
        "EF bias": "EF bias",
        "EF SD": "EF SD",
        "EF r": "EF r",
        "CAMUS LV": "CAMUS LV",
        "CAMUS Myo": "Myo",
        "CAMUS LA": "LA",
        "jump, clip 1": "clip 1: jump in %",
        "Dice ED, clip 1": "clip 1: Dice ED",
        "Dice ES, clip 1": "clip 1: Dice ES",
        "jump, clip 2": "clip 2: jump in %",
        "Dice ED, clip 2": "clip 2: Dice ED",
        "Dice ES, clip 2": "clip 2: Dice ES",
    },
    data=(
        "the last of EchoNet-Dynamic's pairs by name, each frame by itself, EF in points and in one plane; CAMUS's "
        "split `valid`; and EchoNet's last two whole clips by name, with the largest change of the LV's area from one "
        "frame to the next."
    ),
    paper="EchoNet-Dynamic's and CAMUS's whole videos, another split, 256 x 256 pixels and 100 epochs.",
    paired="Dice of each of EchoNet's pairs",
    score=score,
)
