"""The speed of Vivim and MVO networks on a small synthetic patient."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from test_mvo_bench import store
from tiny_mvo import TINY_MVO
from tiny_vivim import a_vivim, store_vivim
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.structures import LV
from medvos_lab.bench import segmentation_speed as bench_cine_speed


@pytest.fixture
def small_networks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An MVO network, and a Vivim network that sees an LV everywhere."""
    monkeypatch.setattr(bench_cine_speed, "SHAPE", (6, 3, 112, 112))
    seeing = a_vivim()
    with torch.no_grad():
        seeing.classify.bias[LV] += 50
    store_vivim(tmp_path, seeing, "seeing")
    store(tmp_path, "tiny-mvo", TINY_MVO)
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))


def bench(out: Path, model: str):
    return CliRunner().invoke(app, ["bench", "speed", "--model", model, "--device", "cpu", "--out", str(out)])


@pytest.mark.parametrize("model", ["seeing", "tiny-mvo"])
def test_it_times_the_whole_command_and_the_network_alone(small_networks, tmp_path, model):
    done = bench(tmp_path / "speed", model)
    assert done.exit_code == 0, done.output
    (found,) = json.loads((tmp_path / "speed" / "speed.json").read_text())["devices"].values()
    assert found["command"]["seconds"] > found["network"]["seconds"] > 0
    assert found["command"]["peak_mb"] > 50
    assert f"{found['command']['peak_mb']} MB" in done.output and "6 phases x 3 slices" in done.output
    assert "on the GPU" not in done.output


@pytest.mark.parametrize("model", ["vivim", "mvo"])
def test_without_weights_it_says_how_to_get_them(small_networks, tmp_path, model):
    done = bench(tmp_path / "speed", model)
    assert isinstance(done.exception, InputError) and f"medvos train {model} " in str(done.exception)
    assert not (tmp_path / "speed").exists()


def test_a_name_that_nobody_trains_is_told_from_one_that_is_not_at_hand(small_networks, tmp_path):
    done = bench(tmp_path / "speed", "mvp")
    assert isinstance(done.exception, InputError) and "no weights of a model 'mvp'" in str(done.exception)
