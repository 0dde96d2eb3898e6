from __future__ import annotations

from pathlib import Path

import pytest
from test_cohort_summary_csv import RECORDS
from tiny_network import a_network, store_network

from medvos.cohort.record import Record, Status
from medvos.cohort.run import Cohort
from medvos.cohort.write_summary import write_summary


def test_the_files_of_agreement_come_and_go_with_the_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store_network(tmp_path / "store", a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "store"))
    out = tmp_path / "out"
    write_summary(Cohort(tuple(RECORDS)), out)
    assert {f.name for f in out.iterdir()} == {"cohort.csv", "cohort.html", "agreement.csv", "agreement.png"}
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    write_summary(Cohort((Record("a", Status.NOT_RUN, earlier=True),), stopped=True), out)
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    write_summary(Cohort((Record("a", Status.NOT_RUN),), stopped=True), out)
    assert {f.name for f in out.iterdir()} == {"cohort.csv", "cohort.html"}


def test_weights_of_a_cluster_s_workers_that_are_not_here_do_not_cost_the_summary(tmp_path: Path, monkeypatch):
    store_network(tmp_path / "store", a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "store"))
    records = (Record("a", Status.FINISHED, model="tiny"), Record("b", Status.FINISHED, model="elsewhere"))
    write_summary(Cohort(records), tmp_path / "out")
    page = (tmp_path / "out" / "cohort.html").read_text(encoding="utf-8")
    assert "weights elsewhere. Their terms are not known on this computer. " in page
    assert "weights tiny. for tests" in page
