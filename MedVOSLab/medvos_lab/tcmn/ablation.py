"""Ablation of TCMN: the temporal contrastive loss, on structures of the training and on others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medvos_lab.ablation_types import Ablation, Judging, Row, Scores

if TYPE_CHECKING:
    from medvos.models.store import ModelInfo

LEFT_OUT = ["camus", "acdc"]


def score(row: Row, info: ModelInfo, judging: Judging) -> Scores:
    """Score at ES from the mask at ED; the cases that are paired are EchoNet's pairs."""
    from medvos.models.networks import load_tcmn
    from medvos_lab.bench.drawn import Drawn
    from medvos_lab.bench.methods import method
    from medvos_lab.datasets.echonet import EchoPairs, echonet_pairs
    from medvos_lab.tcmn.structures import score as score_structures
    from medvos_lab.tcmn.structures import validation_structures
    from medvos_lab.tcmn.validate import across

    pairs = echonet_pairs(judging.data)
    pairs = EchoPairs(pairs.images[: judging.cases], pairs.masks[: judging.cases])
    followed = across(load_tcmn(info, judging.device), pairs, 0, judging.device)
    structures = validation_structures(judging.data, judging.cases)
    found = score_structures(Drawn(method(info.name, judging.device.type)), structures)
    metrics = {f"{name} {metric}": value for name, means in found.items() for metric, value in means.items()}
    cases = f"{len(pairs)} pairs, {len(structures)} structures of CAMUS's studies and in ACDC's slices"
    return Scores(metrics | {"EchoNet LV Dice": float(followed.scores.mean())}, cases, followed.scores.tolist())


ABLATION = Ablation(
    model="tcmn",
    title="Ablation of TCMN, one drawn frame",
    steps=400,
    rows=(
        Row(
            "contrastive",
            "with the contrastive loss",
            "tcmn",
            {"contrastive": True},
            paper={"EchoNet LV Dice": "0.950 (HMC-QU)"},
        ),
        Row("plain", "without it", "tcmn", {"contrastive": False}),
        Row(
            "unseen",
            "with it, CAMUS and ACDC unseen",
            "tcmn",
            {"contrastive": True, "leave_out": LEFT_OUT},
            paper={"CAMUS LV Dice": "0.894", "CAMUS LV J": "0.816", "CAMUS LV F": "0.586"},
        ),
        Row("unseen-plain", "without it, CAMUS and ACDC unseen", "tcmn", {"contrastive": False, "leave_out": LEFT_OUT}),
    ),
    columns={
        "EchoNet LV Dice": "EchoNet LV Dice",
        "CAMUS LV Dice": "CAMUS LV Dice",
        "CAMUS LV J": "J",
        "CAMUS LV F": "F",
        "CAMUS Myo Dice": "CAMUS Myo Dice",
        "CAMUS LA Dice": "CAMUS LA Dice",
        "ACDC LV Dice": "ACDC LV Dice",
        "ACDC Myo Dice": "ACDC Myo Dice",
        "ACDC RV Dice": "ACDC RV Dice",
    },
    data=(
        "at ES from the expert's mask at ED: the LV of EchoNet-Dynamic's validation pairs, single structures of "
        "CAMUS's split `valid` and in the slices of ACDC's validation patients."
    ),
    paper="HMC-QU (seen in its training) and CAMUS (unseen), whole videos.",
    paired="Dice of each of EchoNet's pairs",
    score=score,
)
