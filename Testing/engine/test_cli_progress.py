from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from medvos.cli.options import ProgressStyle
from medvos.cli.progress import shown
from medvos.progress import Progress


def test_lines_say_how_much_is_left_and_end_with_done(capsys: pytest.CaptureFixture[str]):
    with shown(ProgressStyle.JSON, "The results are there.") as report:
        report(Progress(0, 8, "propagating"))
        report(Progress(2, 8, "propagating"))
    first, second, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["eta_s"] is None
    assert (second["done"], second["total"], second["message"]) == (2, 8, "propagating")
    assert last == {"event": "done", "done": 8, "total": 8, "eta_s": 0.0, "message": "The results are there."}


def test_work_that_fails_is_never_done(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(KeyError), shown(ProgressStyle.JSON, "The results are there."):
        raise KeyError
    assert capsys.readouterr().out == ""


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
