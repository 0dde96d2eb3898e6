"""The corrections benchmark over hand-made patients and a network with random weights."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from labelled_heart import a_labelled_heart
from tiny_network import a_network, store_network

from medvos.result import Result
from medvos_lab.bench import corrections as bench_corrections
from medvos_lab.bench.corrections import run
from medvos_lab.bench.protocol import prepare


def test_each_case_is_corrected_once_where_it_is_least_sure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store_network(tmp_path / "store", a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "store"))
    folder = tmp_path / "data" / "acdc"
    folder.mkdir(parents=True)
    case = a_labelled_heart()
    image = case.cine.array[[2, 0]].astype(np.uint8)
    np.savez(folder / "patient004.npz", image=image, label=case.labels[[2, 0]], frame=np.array([1, 9]))
    (folder / "patients.csv").write_text("patient,dx_mm,dy_mm,dz_mm\npatient004,1.5,1.5,8\n")
    found = run(tmp_path / "data", tmp_path / "out", "tiny", data_sets=["acdc"], device="cpu")
    (correction,) = found["acdc"]
    assert 0 < correction.frames < 1
    assert 0 <= correction.before <= 1
    assert case.labels[[2, 0]][correction.phase, correction.slice].any()
    with (tmp_path / "out" / "corrections.csv").open() as file:
        assert [row["case"] for row in csv.DictReader(file)] == ["patient004"]
    assert "| acdc | 1 |" in (tmp_path / "out" / "corrections.md").read_text(encoding="utf-8")


def test_a_slice_that_was_found_as_the_expert_has_it_costs_no_frame(monkeypatch: pytest.MonkeyPatch):
    trial = prepare(a_labelled_heart())

    def flawless(cine, seed, **_) -> Result:
        zeros = np.zeros(cine.shape, np.float32)
        return Result(cine, trial.case.labels, zeros, zeros[:, :, 0, 0], seed.drawn)

    monkeypatch.setattr(bench_corrections, "propagate", flawless)
    _, frames, _ = bench_corrections._timed(trial, trial.seed, "tiny", "cpu", None)
    assert frames == 0
