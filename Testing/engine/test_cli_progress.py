from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from medvos.cli import progress as module
from medvos.cli.options import ProgressStyle
from medvos.cli.progress import TimeLeft, plain_lines, shown
from medvos.progress import Estimated, Parts, Progress, stepwise

THERE = Path("there")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds, which a test sets."""
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_lines_say_how_much_is_left_and_end_with_done(capsys: pytest.CaptureFixture[str]):
    with shown(ProgressStyle.JSON, THERE) as report:
        report(Progress(0, 0, "reading the cine"))
        report(Progress(0, 8, "propagating"))
        report(Progress(2, 8, "propagating"))
    unknown, first, second, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (unknown["done"], unknown["total"], unknown["eta_s"]) == (0, 0, None)
    assert first["eta_s"] is None
    assert (second["done"], second["total"], second["message"]) == (2, 8, "propagating")
    assert last == {"event": "done", "done": 8, "total": 8, "eta_s": 0.0, "message": "The results are in there."}


def test_work_that_fails_is_never_done(capsys: pytest.CaptureFixture[str]):
    for style in ProgressStyle:
        with pytest.raises(KeyError), shown(style, THERE):
            raise KeyError
    assert capsys.readouterr().out == ""


def test_without_progress_the_folder_is_still_named(capsys: pytest.CaptureFixture[str]):
    with shown(ProgressStyle.NONE, THERE) as report:
        report(Progress(2, 8, "propagating"))
    assert capsys.readouterr() == ("there\n", "")


def test_a_log_gets_a_line_now_and_then_and_a_short_run_none(capsys: pytest.CaptureFixture[str]):
    with plain_lines("images") as report:
        report(Progress(1, 8, "propagating"))
    assert capsys.readouterr().err == ""
    with plain_lines("images", every_s=0.05) as report:
        report(Progress(0, 0, "reading the cine"))
        time.sleep(0.2)
        report(Progress(0, 8, "propagating"))
        report(Progress(2, 8, "propagating"))
        time.sleep(0.2)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "0 s: reading the cine"
    assert lines[-1] == "0 s: propagating, 2 of 8 images"


def test_the_time_left_does_not_count_what_precedes_the_first_image(clock: list[float]):
    left = TimeLeft()
    assert left.of(Progress(0, 0, "reading")) is None
    clock[0] = 100
    assert left.of(Progress(0, 4, "propagating")) is None
    clock[0] = 110
    assert left.of(Progress(2, 4, "propagating")) == 10


def test_images_that_are_done_at_once_do_not_promise_that_the_others_are(clock: list[float]):
    left = TimeLeft()
    assert left.of(Progress(0, 10, "segmenting")) is None
    clock[0] = 0.1
    assert left.of(Progress(6, 10, "segmenting")) is None
    clock[0] = 30
    assert left.of(Progress(6, 10, "segmenting")) is None
    assert left.of(Progress(7, 10, "segmenting")) == 90
    assert left.of(Progress(10, 10, "segmenting")) == 0


def test_the_time_that_the_work_states_counts_down_and_is_not_known_once_it_is_over(clock: list[float]):
    left = TimeLeft()
    assert left.of(Estimated(0, 4, "segmenting")) is None
    clock[0] = 30
    assert left.of(Estimated(0, 4, "segmenting")) is None
    one = Estimated(1, 4, "segmenting", 90.0)
    assert left.of(one) == 90
    clock[0] = 60
    assert left.of(one) == 60
    clock[0] = 130
    assert left.of(one) is None
    assert left.of(Estimated(2, 4, "segmenting", 100.0)) == 100
    assert left.of(Estimated(4, 4, "segmenting", 50.0)) == 0


def test_a_log_never_says_that_no_time_is_left_after_failures_at_once(
    capsys: pytest.CaptureFixture[str],
):
    with plain_lines("cases", every_s=0.05) as report:
        report(Progress(0, 9, "segmenting"))
        report(Progress(2, 9, "segmenting"))
        time.sleep(0.2)
    lines = capsys.readouterr().err.splitlines()
    assert lines and not any("left" in line for line in lines)


def test_parts_count_the_same_images_and_never_fall():
    seen: list[Progress] = []
    parts = Parts(seen.append)
    first, second = parts.part(0.0, 0.8), parts.part(0.8, 1.0)
    first(Progress(0, 0, "reading"))
    for done in (10, 20, 5):  # begun anew with smaller batches
        first(Progress(done, 20, "propagating"))
    begin = stepwise(second, 300, 2)
    for message in ("measuring", "writing", "written"):
        begin(message)
    assert [one.done for one in seen] == [0, 8, 16, 16, 16, 18, 20]
    assert [one.total for one in seen] == [0, *[20] * 6]


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
def test_a_reader_of_the_progress_that_goes_away_cancels_the_work(
    environment: dict[str, str], a_cine_file: Path, a_seed_file: Path, tmp_path: Path
):
    arguments = ["propagate", a_cine_file, "--seed", a_seed_file, "--phase", 0, "--out", tmp_path / "out"]
    command = [sys.executable, "-m", "medvos", *map(str, arguments), "--progress", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as job:
        job.stdout.close()
        job.stderr.read()
        assert job.wait(timeout=60) == 3
    assert not (tmp_path / "out").exists()
