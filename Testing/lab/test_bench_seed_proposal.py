"""The proposal benchmark over a hand-made patient and a network with random weights."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from labelled_heart import a_labelled_heart

from medvos.cine.find import find_seed_place
from medvos.structures import LV, MYO
from medvos_lab.bench import seed_proposal as bench_proposal
from medvos_lab.bench.accuracy import DATA_SETS
from medvos_lab.bench.seed_proposal import run


def test_a_drawing_is_scored_on_the_slice_where_it_was_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    case = a_labelled_heart()
    monkeypatch.setitem(DATA_SETS, "acdc", lambda data: [case])
    place = find_seed_place(case.cine)
    truth = case.labels[place.phase, place.slice]

    def without_the_myocardium(cine, where, **_) -> np.ndarray:
        assert (where.phase, where.slice) == (place.phase, place.slice)
        return np.where(truth == MYO, 0, truth)

    monkeypatch.setattr(bench_proposal, "propose_by_matching", without_the_myocardium)
    (proposed,) = run(None, tmp_path / "out", data_sets=["acdc"])["acdc"]
    assert (truth == LV).any()
    assert proposed.dice["LV"] == 1
    assert proposed.dice["Myo"] == 0
    with (tmp_path / "out" / "proposal.csv").open() as file:
        assert [float(row["Myo"]) for row in csv.DictReader(file)] == [0]
    assert "| acdc | LV | 1 | 1.000 | 1.000 |" in (tmp_path / "out" / "proposal.md").read_text(encoding="utf-8")
