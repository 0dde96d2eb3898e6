from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from medvos.cli.options import ProgressStyle
from medvos.cli.progress import shown
from medvos.progress import Progress
from MedVOSSegmentLib.job.events import Advanced, Logged, SliceDone, parse_event


@pytest.mark.parametrize("eta", [None, 12.5])
def test_progress_is_reported(tmp_path: Path, eta: float | None):
    line = json.dumps({"event": "progress", "done": 3, "total": 9, "eta_s": eta, "message": "propagating"})
    assert parse_event(line, tmp_path) == Advanced(3, 9, eta, "propagating")


def test_a_slice_comes_with_its_labels(tmp_path: Path):
    labels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    np.save(tmp_path / "slice-05.npy", labels)
    event = parse_event('{"event": "slice", "slice": 5, "file": "slice-05.npy"}', tmp_path)
    assert isinstance(event, SliceDone)
    assert event.slice == 5
    np.testing.assert_array_equal(event.labels, labels)


def test_no_file_outside_of_the_folder_is_read(tmp_path: Path):
    np.save(tmp_path / "secret.npy", np.zeros((2, 3, 4), np.uint8))
    (tmp_path / "partial").mkdir()
    line = json.dumps({"event": "slice", "slice": 0, "file": str(tmp_path / "secret.npy")})
    assert parse_event(line, tmp_path / "partial") == Logged(line)


@pytest.mark.parametrize(
    "line",
    [
        "a warning",
        "[1, 2]",
        "null",
        "{",
        '{"event": "progress"}',
        '{"event": "progress", "done": null, "total": 1, "eta_s": null, "message": ""}',
        '{"event": "slice", "slice": 1, "file": "slice-01.npy"}',
        '{"event": "slice", "slice": 1, "file": 7}',
        '{"event": "unheard of"}',
        "[" * 100_000,
    ],
)
def test_anything_else_goes_to_the_log(tmp_path: Path, line: str):
    assert parse_event(line, tmp_path) == Logged(line)


def test_a_damaged_slice_goes_to_the_log(tmp_path: Path):
    (tmp_path / "slice-01.npy").write_bytes(b"\x93NUMPY damaged")
    line = '{"event": "slice", "slice": 1, "file": "slice-01.npy"}'
    assert parse_event(line, tmp_path) == Logged(line)


@pytest.mark.parametrize("line", ["", '{"event": "done", "done": 9, "total": 9, "eta_s": 0.0, "message": "there"}'])
def test_what_says_nothing_new_is_no_event(tmp_path: Path, line: str):
    assert parse_event(line, tmp_path) is None


def test_the_lines_of_the_command_are_understood(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    with shown(ProgressStyle.JSON, Path("out")) as report:
        report(Progress(0, 0, "reading the cine"))
        report(Progress(75, 300, "propagating"))
        report(Progress(300, 300, "written"))
    first, second, third, end = (parse_event(line, tmp_path) for line in capsys.readouterr().out.splitlines())
    assert first == Advanced(0, 0, None, "reading the cine")
    assert (second.done, second.total, second.message) == (75, 300, "propagating") and second.eta_s is None
    assert third == Advanced(300, 300, 0.0, "written")
    assert end is None
