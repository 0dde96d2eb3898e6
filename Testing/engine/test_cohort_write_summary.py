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
