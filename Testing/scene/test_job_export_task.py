"""Exports by the real engine in a real second process; some tests make that process or the disk misbehave."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from second_process import events_of, sabotage, until

from medvos.export.by_name import export_by_name
from medvos.result import Result
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.events import CancelledByUser, Failed, Finished
from MedVOSSegmentLib.job.export_task import ExportTask
from MedVOSSegmentLib.job.process import Process
from MedVOSSegmentLib.job.process_job import ProcessJob

# In the second process: half of the files are there, and something happens.
HALF_WRITTEN = """
import pathlib
class Halfway:
    def find_spec(name, path, target=None):
        if name == "medvos.export.by_name":
            out = pathlib.Path("out")
            out.mkdir()
            (out / "LV-phase-00.stl").write_bytes(b"half")
            {act}
import sys
sys.meta_path.insert(0, Halfway)
"""
# The time in the header of an NRRD.
MADE = re.compile(rb"# on .*\n")
DIES = HALF_WRITTEN.format(act="import os; os.kill(os.getpid(), 9)")
WAITS = HALF_WRITTEN.format(act="import time; time.sleep(60)")


@pytest.fixture(scope="module")
def result(small_heart: SyntheticHeart) -> Result:
    shape = small_heart.labels.shape
    seeds = np.zeros(shape[:2], bool)
    seeds[0, 3] = True
    provenance = {"model": "cstm", "device": "cpu", "seconds": 1.0, "terms": "for anyone", "notes": []}
    uncertainty, scores = np.full(shape, 0.1, np.float32), np.full(shape[:2], 0.2, np.float32)
    return Result(small_heart.cine, small_heart.labels, uncertainty, scores, seeds, provenance)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where hand-over folders are made; none may be left."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The user's folder, with a file of the user and an earlier export of another heart."""
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: MADE.sub(b"", path.read_bytes()) for path in folder.iterdir()}


def end_of(task: ExportTask, **more: object) -> object:
    return events_of(ProcessJob.start(task, **more))[-1]


@pytest.mark.parametrize("name", ["volumes", "stl", "seg-nrrd", "seq-nrrd", "segmentation"])
def test_the_files_are_those_that_the_engine_writes_here(name: str, result: Result, target: Path, tmp_path: Path):
    expected = tmp_path / "expected"
    export_by_name(name, result, expected)
    end = end_of(ExportTask(name, lambda: result, target))
    assert isinstance(end, Finished) and end.outcome == sorted(target / file.name for file in expected.iterdir())
    (target / "notes.txt").unlink()
    assert contents(target) == contents(expected)


def test_it_is_measured_at_the_phases_that_were_chosen(result: Result, target: Path):
    end = end_of(ExportTask("results", lambda: result, target, (1, 2)))
    assert isinstance(end, Finished)
    assert json.loads((target / "report.json").read_text())["phases"] == {"ED": 1, "ES": 2}


def test_a_later_export_leaves_nothing_of_other_structures_and_all_of_the_user(result: Result, target: Path):
    end_of(ExportTask("stl", lambda: result, target))
    lv_alone = replace(result, labels=np.where(result.labels == 3, np.uint8(3), np.uint8(0)))
    end_of(ExportTask("stl", lambda: lv_alone, target))
    assert set(contents(target)) == {"notes.txt", *(f"LV-phase-{t:02d}.stl" for t in range(6))}


@pytest.mark.parametrize("how", ["killed", "cancelled", "closed"])
def test_an_export_that_is_stopped_halfway_changes_nothing(
    how: str, result: Result, target: Path, tmp_path: Path, temporary: Path
):
    end_of(ExportTask("stl", lambda: result, target))
    before = contents(target)
    environment = {**os.environ, **sabotage(tmp_path, DIES if how == "killed" else WAITS)}
    job = ProcessJob.start(ExportTask("stl", lambda: result, target), environment=environment)
    if how != "killed":
        until(lambda: list(temporary.glob("*/out/*")))
        (job.cancel if how == "cancelled" else job.close)()
    (end,) = [event for event in events_of(job) if isinstance(event, Failed | CancelledByUser | Finished)]
    assert isinstance(end, Failed if how == "killed" else CancelledByUser)
    if how == "killed":
        assert end.sentence.startswith("The export process ended unexpectedly (killed, out of memory?): export again")
    until(lambda: not list(temporary.iterdir()))
    assert contents(target) == before


def test_a_cancel_comes_too_late_once_files_are_put_in_place(
    result: Result, target: Path, monkeypatch: pytest.MonkeyPatch
):
    gate, copying, copy = threading.Event(), threading.Event(), shutil.copyfile

    def slow(source: Path, to: Path) -> None:
        copying.set()
        assert gate.wait(30)
        copy(source, to)

    monkeypatch.setattr(shutil, "copyfile", slow)
    job = ProcessJob.start(ExportTask("volumes", lambda: result, target))
    until(copying.is_set)
    assert not (target / "volumes.csv").exists()
    job.cancel()
    assert job.poll() == [] or not job.ended
    gate.set()
    assert isinstance(events_of(job)[-1], Finished) and (target / "volumes.csv").is_file()


def test_a_cancel_between_the_end_of_the_process_and_the_copying_writes_nothing(
    result: Result, target: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
):
    started, wait, jobs, codes = threading.Event(), Process.wait, [], []

    def cancelled_after(process: Process) -> int:
        assert started.wait(30)
        codes.append(wait(process))
        jobs[0].cancel()
        return codes[0]

    monkeypatch.setattr(Process, "wait", cancelled_after)
    jobs.append(ProcessJob.start(ExportTask("volumes", lambda: result, target)))
    started.set()
    assert isinstance(events_of(jobs[0])[-1], CancelledByUser) and codes == [0]
    until(lambda: not list(temporary.iterdir()))
    assert set(contents(target)) == {"notes.txt"}


def test_a_folder_that_is_gone_at_the_end_is_named(result: Result, target: Path):
    def remove() -> Result:
        shutil.rmtree(target)
        return result

    end = end_of(ExportTask("volumes", remove, target))
    assert isinstance(end, Failed) and end.sentence == "results is not a folder: choose an existing one."


def test_a_full_disk_of_the_user_changes_nothing(result: Result, target: Path, monkeypatch: pytest.MonkeyPatch):
    end_of(ExportTask("stl", lambda: result, target))
    before, copied = contents(target), []

    def full(source: Path, to: Path) -> None:
        if copied:
            raise OSError(28, "No space left on device")
        copied.append(to)
        to.write_bytes(b"half")

    monkeypatch.setattr(shutil, "copyfile", full)
    end = end_of(ExportTask("stl", lambda: result, target))
    assert isinstance(end, Failed) and "no space left on device" in end.sentence and str(target) in end.sentence
    assert contents(target) == before


def test_a_program_that_cannot_be_started_is_named_in_one_sentence(result: Result, target: Path, tmp_path: Path):
    end = end_of(ExportTask("volumes", lambda: result, target), python=tmp_path / "NoPython")
    assert isinstance(end, Failed) and end.sentence.count(".") == 1
    assert end.sentence.startswith("The Python program NoPython cannot be started (No such file or directory)")


def test_what_the_engine_says_of_the_result_is_passed_on(result: Result, target: Path):
    empty = replace(result, labels=np.zeros_like(result.labels))
    end = end_of(ExportTask("stl", lambda: empty, target))
    assert isinstance(end, Failed) and end.sentence.startswith("No voxel is labelled")
    assert set(contents(target)) == {"notes.txt"}
