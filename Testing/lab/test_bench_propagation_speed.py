"""The speed benchmark, on a small cine and small networks."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console
from tiny_network import TINY, a_network, store_network

from medvos.errors import InputError
from medvos_lab.bench import propagation_speed as bench_speed


@pytest.fixture
def small_benchmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    store_network(tmp_path, a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    monkeypatch.setattr(bench_speed, "FULL_SHAPE", (3, 5, 128, 128))
    monkeypatch.setattr(bench_speed, "PHASE_COUNTS", (2, 3))
    monkeypatch.setattr(bench_speed, "SLICE_COUNTS", (2, 3))
    monkeypatch.setattr(bench_speed, "CSTM_PAPER", replace(TINY, group=1))
    return tmp_path / "speed"


def test_it_times_the_whole_command_both_networks_and_the_growth(small_benchmark: Path):
    found = bench_speed.run(small_benchmark, "cpu", model="tiny", console=Console(file=io.StringIO()))
    assert json.loads((small_benchmark / "speed.json").read_text()) == found
    assert found["command"]["seconds"] > 0 and found["command"]["peak_mb"] > 50
    rates = list(found["frames_per_second"].values())
    assert rates[2] == pytest.approx(rates[0] / rates[1], rel=0.05)
    assert len(found["growth"]["seconds by phases"]) == len(found["growth"]["seconds by slices"]) == 2
    assert f"{found['command']['seconds']} s" in (small_benchmark / "speed.md").read_text()
    assert (small_benchmark / "growth.png").stat().st_size > 0


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be made"):
        bench_speed.run(tmp_path / "file" / "out", "cpu")


def test_the_job_has_three_structures_and_one_drawn_slice():
    frames, seeds = bench_speed._random_job(4, 5, 64)
    assert frames.shape == (4, 5, 64, 64)
    assert seeds.drawn.sum() == 1 and seeds.drawn[seeds.start]
    assert torch.equal(seeds.masks[seeds.start].amax((1, 2)), torch.ones(3))
