from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from cohort_files import settings, with_misbehaviour
from medvos_command import ROOT

import medvos
from medvos.cohort.child import Ended, run_command, stop
from medvos.errors import Cancelled

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")


@pytest.fixture(autouse=True)
def environment_of_children(environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = with_misbehaviour(environment, tmp_path / "start")
    monkeypatch.setenv("PYTHONPATH", changed["PYTHONPATH"])


def run(tmp_path: Path, *arguments: str, batch: str = "child", **changed: object) -> Ended:
    return run_command(arguments, settings(batch, **changed), tmp_path / "out", tmp_path / "log")


def test_a_command_that_goes_well_leaves_its_words_time_and_memory(tmp_path: Path):
    ended = run(tmp_path, "--version")
    assert ended.code == 0
    assert (tmp_path / "out").read_text() == f"medvos {medvos.__version__}\n"
    assert (tmp_path / "log").read_text() == ""
    assert ended.seconds > 0
    assert ended.peak_mb is not None
    assert 5 < ended.peak_mb < 10_000


def test_a_refusal_is_in_the_log(tmp_path: Path):
    ended = run(tmp_path, "info", str(ROOT / "nowhere"))
    assert ended.code == 2
    assert (tmp_path / "log").read_text().startswith("medvos: nowhere does not exist")


@pytest.mark.parametrize(("case", "number"), [("crashing", signal.SIGSEGV), ("killed", signal.SIGKILL)])
def test_a_command_that_dies_tells_its_signal(tmp_path: Path, case: str, number: signal.Signals):
    assert run(tmp_path, "demo", "--out", case).code == -number


def test_a_command_that_takes_too_long_is_ended_though_it_does_not_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("medvos.cohort.child.GRACE_S", 0.5)
    ended = run(tmp_path, "propagate", "--out", "hanging", timeout_s=1.0)
    assert ended.timed_out
    assert ended.code < 0


def test_a_stopped_batch_ends_what_runs_and_starts_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("medvos.cohort.child.GRACE_S", 0.5)
    threading.Timer(0.5, stop, ["stopped"]).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        run(tmp_path, "propagate", "--out", "hanging", batch="stopped")
    with pytest.raises(Cancelled):
        run(tmp_path, "--version", batch="stopped")
    assert time.monotonic() - began < 60
    assert run(tmp_path, "--version", batch="another").code == 0
