"""A cohort through its cases, with a worker that does what the test says."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from distributed import LocalCluster
from tiny_network import a_network, store_network
from tiny_tcmn import a_tcmn, store_tcmn

from medvos.cohort.case import Case
from medvos.cohort.record import Record, Status
from medvos.cohort.run import run_cohort
from medvos.cohort.settings import Settings
from medvos.errors import InputError
from medvos.progress import Progress

CASES = [Case(name, Path("cines") / name, Path("seeds") / name) for name in ("a", "b", "c")]


@pytest.fixture(autouse=True)
def a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_network(tmp_path / "store", a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records what it was asked to do; the case b ends it."""

    def work(case: Case, folder: Path, settings: Settings) -> Record:
        if case.name == "b":
            raise MemoryError
        return Record(
            case.name,
            Status.FINISHED,
            seconds=60.0,
            measures={"asked": {"case": case, "folder": folder, **vars(settings)}},
        )

    monkeypatch.setattr("medvos.cohort.run.run_case", work)


def run(tmp_path: Path, **options: object) -> tuple[list[Record], list[Progress]]:
    stated: list[Progress] = []
    cohort = run_cohort(CASES, Path("out"), stated.append, model="tiny", device="cpu", **options)  # type: ignore[arg-type]
    assert not cohort.stopped
    return list(cohort.records), stated


def test_records_come_in_the_order_of_the_cases_and_a_lost_worker_stops_nothing(tmp_path: Path):
    records, stated = run(tmp_path, workers=2)
    assert [(r.name, r.status) for r in records] == [
        ("a", Status.FINISHED),
        ("b", Status.FAILED),
        ("c", Status.FINISHED),
    ]
    assert records[1].reason == "Its worker was lost (MemoryError); see the cluster's log."
    assert [(p.done, p.total) for p in stated] == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_the_remaining_time_is_by_finished_cases_alone(tmp_path: Path):
    cases = [CASES[1], CASES[0], *(Case(name, Path(name), Path(name)) for name in "cdef")]
    stated: list[Progress] = []
    run_cohort(cases, Path("out"), stated.append, model="tiny", device="cpu", workers=1)
    assert stated[0].left_s is None
    # b, which fails, says nothing.
    assert [p.left_s for p in stated[2:]] == [60.0 * left for left in (4, 3, 2, 1, 1)]


def test_no_remaining_time_is_stated_before_a_case_is_finished(tmp_path: Path):
    stated: list[Progress] = []
    run_cohort(CASES[1:2], Path("out"), stated.append, model="tiny", device="cpu", workers=1)
    assert [(p.done, p.left_s) for p in stated] == [(0, None), (1, None)]


def test_workers_get_whole_paths_and_their_share_of_the_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dask.system.CPU_COUNT", 8)
    records, _ = run(tmp_path, workers=2, timeout_s=60.0)
    asked = records[0].measures["asked"]
    assert (asked["case"].cine, asked["case"].seed) == (tmp_path / "cines" / "a", tmp_path / "seeds" / "a")
    assert asked["folder"] == tmp_path / "out" / "cases" / "a"
    assert (asked["threads"], asked["timeout_s"], asked["gpu_in_turn"]) == (4, 60.0, False)
    assert len(asked["model_digest"]) == 64


def test_on_a_gpu_one_case_runs_at_a_time_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dask.system.CPU_COUNT", 8)
    monkeypatch.setattr("medvos.cohort.run.takes_gpu", lambda device: True)
    assert run(tmp_path)[0][0].measures["asked"]["threads"] == 8
    assert run(tmp_path, workers=4)[0][0].measures["asked"]["threads"] == 2


def test_on_a_cluster_its_owner_decides_about_threads(tmp_path: Path):
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        records, _ = run(tmp_path, scheduler=cluster.scheduler_address)
    assert [record.status for record in records] == [Status.FINISHED, Status.FAILED, Status.FINISHED]
    asked = records[0].measures["asked"]
    assert (asked["threads"], asked["gpu_in_turn"]) == (None, True)


def test_an_unknown_model_is_refused_before_anything_is_written(tmp_path: Path):
    with pytest.raises(InputError, match="model 'other' here"):
        run_cohort(CASES, Path("out"), print, model="other")
    assert not Path("out").exists()


def test_weights_for_clips_may_be_named(tmp_path: Path):
    store_tcmn(tmp_path / "store", a_tcmn(), "clips")
    cohort = run_cohort(CASES[:1], Path("out"), lambda _: None, model="clips", device="cpu", workers=1)
    assert cohort.records[0].measures["asked"]["model"] == "clips"
