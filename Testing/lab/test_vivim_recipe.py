"""Vivim's training and release, on a tiny network and hand-made hearts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from interrupted import goes_on_as_if_nothing_had_happened
from tiny_vivim import TINY_VIVIM, Reader, a_case_that_is_its_own_truth
from training_studies import a_cavity_study, a_study
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.models.networks import load_vivim
from medvos.models.store import available, resolve
from medvos.models.vivim.config import SCANS
from medvos_lab import loop
from medvos_lab.vivim import affine, finish, hearts, validate
from medvos_lab.vivim import recipe as run


@pytest.fixture(autouse=True)
def a_small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = run.RECIPES["vivim"]
    tiny = replace(recipe, config=TINY_VIVIM, plan=replace(recipe.plan, batch=6))
    monkeypatch.setitem(run.RECIPES, "vivim", tiny)
    monkeypatch.setattr(loop, "SAVE_EVERY", 2)
    monkeypatch.setattr(affine, "STEPS", 2)
    monkeypatch.setattr(hearts, "register", lambda pairs: np.zeros((len(pairs.images), 2, 14, 14), np.float16))
    monkeypatch.setattr(run, "load_studies", lambda *_: [a_study(), a_cavity_study()])


def train(out: Path, steps: int = 4, **options) -> dict:
    """The checkpoint."""
    return torch.load(run.train(out=out, steps=steps, device="cpu", **options), weights_only=True)


def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(tmp_path):
    goes_on_as_if_nothing_had_happened(train, run, "clip_loss", tmp_path)


def test_a_run_of_other_scans_is_not_gone_on_with(tmp_path):
    train(tmp_path, steps=2)
    with pytest.raises(InputError, match="--fresh"):
        train(tmp_path, steps=4, scans=("forward",))
    assert train(tmp_path, steps=2, scans=("forward",), resume=False)["step"] == 2


def test_it_learns_to_see_the_heart(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "LOG_EVERY", 10)
    train(tmp_path, steps=30)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < 0.9 * rows[0]["loss"]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ([], "vivim"),
        (["--scan", "backward", "--scan", "forward"], "vivim-forward-backward"),
        (["--scan", "none"], "vivim-frames"),
    ],
)
def test_the_command_goes_from_data_to_weights_with_a_card(options, name, tmp_path, monkeypatch):
    monkeypatch.setattr(validate, "acdc_cases", lambda *_: [a_case_that_is_its_own_truth()])
    whole = validate.validate
    monkeypatch.setattr(finish, "validate", lambda _network, *rest: whole(Reader(), *rest))
    out = tmp_path / "r"
    arguments = ["train", "vivim", "--out", str(out), "--steps", "2", "--device", "cpu", *options]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exit_code == 0, answer.output
    (info,) = available(out / "Models")
    assert (info.name, info.network) == (name, "vivim")
    assert info.validation_dice > 0.97
    assert len(info.calibration["voxel"]) == 3 and len(info.calibration["slice"]) == 2
    text = info.card_path.read_text()
    for part in (
        "Non-commercial research",
        "Bernard",
        "Vivim",
        " ".join(["medvos train vivim --steps 2 --out r", *options]),
        "1 ACDC validation patients",
        "| Dice mean |",
        info.sha256,
    ):
        assert part in text
    monkeypatch.setenv("MEDVOS_MODELS", str(out / "Models"))
    network = load_vivim(resolve(name, "vivim"), torch.device("cpu"))
    assert not network.training
    assert network.config.scans == {"vivim": SCANS, "vivim-frames": SCANS}.get(name, ("forward", "backward"))


@pytest.mark.parametrize(
    "options", [["vivim", "--k", "3"], ["vivim", "--release", "open"], ["cstm", "--scan", "forward"]]
)
def test_an_option_of_another_network_is_refused(options, tmp_path):
    answer = CliRunner().invoke(app, ["train", *options, "--out", str(tmp_path)])
    assert isinstance(answer.exception, InputError) and options[1] in str(answer.exception)


def test_no_time_and_some_scan_do_not_go_together(tmp_path):
    answer = CliRunner().invoke(app, ["train", "vivim", "--out", str(tmp_path), "--scan", "none", "--scan", "forward"])
    assert isinstance(answer.exception, InputError) and "none" in str(answer.exception)
