from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from echo_files import store_echo_network
from tiny_tcmn import a_tcmn, store_tcmn
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.models.networks import load_echo
from medvos.models.store import available
from medvos_lab.bench import clip_speed as bench_clip_speed


def test_it_times_short_and_long_clips_in_the_network_and_as_the_whole_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    store_tcmn(tmp_path, a_tcmn())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    monkeypatch.setattr(bench_clip_speed, "FRAMES", 6)
    monkeypatch.setattr(bench_clip_speed, "SIDES", (32, 48))
    monkeypatch.setattr(bench_clip_speed, "LENGTHS", (10,))
    out = tmp_path / "speed"
    answer = CliRunner().invoke(app, ["bench", "speed", "--model", "tiny", "--device", "cpu", "--out", str(out)])
    assert answer.exit_code == 0, answer.output
    found = json.loads((out / "speed.json").read_text())
    assert min(found["frames_per_second"].values()) > 0
    assert found["command"]["10"]["seconds"] > 0 and found["command"]["10"]["peak_mb"] > 50
    assert f"{found['command']['10']['peak_mb']} MB" in answer.output


def test_a_network_that_needs_no_drawing_is_timed_at_its_own_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store_echo_network(tmp_path)
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    monkeypatch.setattr(bench_clip_speed, "FRAMES", 6)
    monkeypatch.setattr(bench_clip_speed, "LENGTHS", (10,))
    (info,) = available(tmp_path)
    found = bench_clip_speed.run(tmp_path / "speed", "cpu", info.name)
    assert list(found["frames_per_second"]) == [load_echo(info, torch.device("cpu")).config.side]
    assert "`medvos segment`, 10 frames" in (tmp_path / "speed" / "speed.md").read_text()
