"""Ablation of CSTM: patch-level or dense matching, its patches, and the way through the beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medvos_lab.ablation_types import Ablation, Judging, Row, Scores

if TYPE_CHECKING:
    from medvos.models.store import ModelInfo

RESEARCH = {"release": "research"}


def score(row: Row, info: ModelInfo, judging: Judging) -> Scores:
    """Score from one drawn slice at ED; the cases that are paired are patients.

    The settings of a row are fields of `CstmConfig` or of `PropagationSettings`.
    """
    from dataclasses import fields, replace
    from itertools import islice

    from medvos.models.cstm.config import CstmConfig
    from medvos.models.networks import load_cstm
    from medvos.propagation.settings import PropagationSettings
    from medvos_lab.bench.protocol import prepare
    from medvos_lab.bench.score import Prediction
    from medvos_lab.bench.score import score as score_case
    from medvos_lab.bench.table import summarise
    from medvos_lab.cstm_beats.bench import propagated
    from medvos_lab.datasets import acdc_cases
    from medvos_lab.datasets.acdc_beats import acdc_beats

    of_network = {field.name for field in fields(CstmConfig)}
    network = load_cstm(info, judging.device)
    network.config = replace(network.config, **{k: v for k, v in row.settings.items() if k in of_network})
    others = {name: value for name, value in row.settings.items() if name not in of_network}
    segment = propagated(network, PropagationSettings(**({"mirrored": False} | others)), judging.device)
    at_once = [
        score_case(prepare(case), Prediction(segment(case)), row.name)
        for case in islice(acdc_cases(judging.data, "validation"), judging.cases)
    ]
    through = [
        score_case(prepare(case), Prediction(segment(case)), row.name)
        for case in (beat.cropped() for beat in islice(acdc_beats(judging.data), judging.cases))
    ]
    metrics = summarise(at_once) | {f"{name}, beat": value for name, value in summarise(through).items()}
    return Scores(metrics, f"{len(at_once)} patients", [summarise([each])["Dice mean"] for each in at_once])


ABLATION = Ablation(
    model="cstm",
    title="Ablation of CSTM, one drawn slice",
    steps=400,
    rows=(
        Row(
            "plmm",
            "patch-level matching, K 4, P 4",
            "cstm",
            RESEARCH,
            paper={
                "Dice mean": "0.913",
                "Dice LV": "0.932",
                "Dice Myo": "0.894",
                "Dice RV": "0.913",
                "HD95 mean": "1.94 (HD)",
                "Dice mean apex": "0.876",
            },
        ),
        Row(
            "dense",
            "dense matching, as STCN",
            "cstm",
            RESEARCH | {"matching": "dense"},
            paper={
                "Dice mean": "0.907",
                "Dice LV": "0.929",
                "Dice Myo": "0.889",
                "Dice RV": "0.902",
                "HD95 mean": "2.07 (HD)",
            },
        ),
        Row("read-dense", "weights of plmm, read densely", "cstm", RESEARCH, "plmm", {"matching": "dense"}),
        Row("k1", "weights of plmm, K 1", "cstm", RESEARCH, "plmm", {"top_patches": 1}),
        Row("k2", "weights of plmm, K 2", "cstm", RESEARCH, "plmm", {"top_patches": 2}),
        Row("k8", "weights of plmm, K 8", "cstm", RESEARCH, "plmm", {"top_patches": 8}),
        Row("p2", "weights of plmm, P 2", "cstm", RESEARCH, "plmm", {"patch": 2}),
        Row("p8", "weights of plmm, P 8", "cstm", RESEARCH, "plmm", {"patch": 8}),
        Row(
            "t3",
            "weights of plmm, T_max 3 towards both ends",
            "cstm",
            RESEARCH,
            "plmm",
            {"outer_fraction": 1 / 3},
            paper={"Dice mean": "0.915"},
        ),
    ),
    columns={
        "Dice mean": "mean Dice",
        "Dice LV": "LV",
        "Dice Myo": "Myo",
        "Dice RV": "RV",
        "HD95 mean": "HD95, mm",
        "Dice mean apex": "apex",
        "LV EF": "LV EF error",
        "Dice mean, beat": "mean Dice through every phase",
        "Dice mean apex, beat": "apex through every phase",
        "LV EF, beat": "LV EF error through every phase",
    },
    data=(
        "ACDC's validation patients (number ending in 4 or 9): whole images from ED to ES in one step, and crops "
        "through every phase; EF errors in points."
    ),
    paper="ACDC's test patients, ED and ES.",
    paired="mean Dice of each patient, ED to ES in one step",
    score=score,
)
