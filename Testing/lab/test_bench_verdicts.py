"""The verdicts benchmark."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled_heart import a_labelled_heart
from tiny_network import a_network, store_network

from medvos.measure.measures import Measure, Measures, Normal
from medvos_lab.bench import verdicts as module
from medvos_lab.bench.verdicts import ALL, GRADE, NAMES, run, tally


def judged(ef: float, **more: Any) -> Measures:
    by_name = {name: Measure(50.0, "") for name in NAMES} | {"LVEF": Measure(ef, "%")}
    return Measures(by_name, np.zeros(1), normal={"LVEF": Normal(45, 70, ef, "men", "a study")}, **more)


@pytest.mark.parametrize(
    ("ours", "counted"),
    [
        (judged(60), {"given": 1, "wrong": 0, "held": 0}),
        (judged(40), {"given": 1, "wrong": 1, "wrong without doubts": 1, "doubted": 0}),
        (judged(40, held={"LVEF": "why"}, ungraded="why"), {"given": 0, "wrong": 0, "held": 1, "doubted": 1}),
        (judged(60, moves={"LVEF": (1, 1)}), {"given": 1, "held": 0, "doubted": 1}),
    ],
)
def test_verdicts_are_wrong_where_the_truth_has_another_one(ours: Measures, counted: dict[str, int]):
    counts = tally([(ours, judged(58))])
    assert {column: counts["LVEF"][column] for column in counted} == counted
    assert {column: counts[GRADE][column] for column in counted} == counted
    assert counts["LVEF"]["verdicts"] == 1 and counts[ALL]["verdicts"] == len(NAMES)


def test_tables_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def cases(*_: object) -> list:
        heart = a_labelled_heart()
        order = [2, 0]  # ED and ES, as ACDC has them
        cine = replace(heart.cine, array=heart.cine.array[order], times=heart.cine.times[:2])
        return [replace(heart, cine=cine, labels=heart.labels[order])]

    monkeypatch.setattr(module, "acdc_cases", cases)
    store_network(tmp_path / "store", a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "store"))
    run(None, tmp_path / "out", "tiny", device="cpu")
    text = (tmp_path / "out" / "verdicts.md").read_text(encoding="utf-8")
    assert "differ by over 25 % in " in text and "Standard deviations: error of LVSV" in text
    assert text.count("| grade of the LVEF | 2 |") == 2
