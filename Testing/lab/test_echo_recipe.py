"""Echo training and release, on a tiny network and hand-made clips."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from interrupted import goes_on_as_if_nothing_had_happened
from tiny_echo import TINY_ECHO, a_film, an_echo_network, some_pairs
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.models.networks import load_cstm, load_echo
from medvos.models.store import available, resolve
from medvos_lab import loop
from medvos_lab.echo import recipe as run
from medvos_lab.echo import validate
from medvos_lab.echo.batches import EchoBatch

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def a_small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = run.RECIPES["echo-lv"]
    tiny = replace(recipe, config=TINY_ECHO, plan=replace(recipe.plan, batch=2, learning_rate=0.01), unlabelled=1)
    monkeypatch.setitem(run.RECIPES, "echo-lv", tiny)
    monkeypatch.setattr(loop, "SAVE_EVERY", 2)
    for module in (run, validate):
        monkeypatch.setattr(module, "echonet_pairs", lambda *_: some_pairs())
        monkeypatch.setattr(module, "echonet_clips", lambda *_: [a_film()])
    monkeypatch.setattr(run, "registered", lambda *_: np.zeros((4, 2, 14, 14), np.float16))


def train(out: Path, steps: int = 4, **options) -> dict:
    """The checkpoint."""
    return torch.load(run.train(out=out, steps=steps, device="cpu", **options), weights_only=True)


def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(tmp_path):
    goes_on_as_if_nothing_had_happened(train, run, "mean_teacher_loss", tmp_path, 1e-6)


def test_a_run_of_another_k_is_not_gone_on_with(tmp_path):
    train(tmp_path, steps=2)
    with pytest.raises(InputError, match="--fresh"):
        train(tmp_path, steps=4, k=1)
    assert train(tmp_path, steps=2, k=1, resume=False)["step"] == 2


def test_it_learns_where_the_lv_is(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "LOG_EVERY", 10)
    train(tmp_path, steps=60)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < 0.8 * rows[0]["loss"]


def test_the_teacher_teaches_more_and_more_and_learns_nothing_itself():
    student, teacher = an_echo_network(), an_echo_network()
    with torch.no_grad():
        teacher.decoder.logits.bias.fill_(3.0)
    batch = EchoBatch(torch.rand(2, 3, 32, 32), torch.zeros(2, 32, 32, dtype=torch.bool), torch.rand(2, 1, 3, 32, 32))
    early, late = (run.mean_teacher_loss(student, teacher, batch, progress) for progress in (0.0, 1.0))
    assert late > early + 0.1
    late.backward()
    assert all(weight.grad is None for weight in teacher.parameters())
    assert any(weight.grad is not None for weight in student.parameters())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # after two steps there may be no LV to measure
def test_the_command_goes_from_data_to_weights_with_a_card(tmp_path, monkeypatch):
    answer = CliRunner().invoke(
        app, ["train", "echo-lv", "--out", str(tmp_path / "r"), "--steps", "2", "--device", "cpu"]
    )
    assert answer.exit_code == 0, answer.output
    models = tmp_path / "r" / "Models"
    (info,) = available(models)
    assert (info.name, info.network) == ("echo-lv", "echo")
    assert 0 <= info.validation_dice <= 1
    text = info.card_path.read_text()
    for part in (
        "Non-commercial research",
        "Ouyang",
        "Wu H",
        "medvos train echo-lv --steps 2",
        "| Dice |",
        info.sha256,
    ):
        assert part in text
    for part in ("synthetic", "registered", "2,700 pairs", "4 validation pairs"):
        assert part in text

    monkeypatch.setenv("MEDVOS_MODELS", str(models))
    network = load_echo(resolve("echo-lv", "echo"), CPU)
    assert network.config == TINY_ECHO and not network.training
    with pytest.raises(InputError, match="no model"):
        resolve("echo-lv")
    with pytest.raises(InputError, match="do not fit"):
        load_cstm(info, CPU)


@pytest.mark.parametrize(
    "options",
    [["echo-lv", "--release", "open"], ["echo-lv", "--matching", "dense"], ["cstm", "--k", "3"]],
)
def test_an_option_of_another_network_is_refused(options, tmp_path):
    answer = CliRunner().invoke(app, ["train", *options, "--out", str(tmp_path)])
    assert isinstance(answer.exception, InputError) and options[1] in str(answer.exception)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # after two steps there may be no LV to measure
def test_vivim_is_trained_on_the_same_and_has_a_card_of_its_own(tmp_path, monkeypatch):
    recipe = run.RECIPES["echo-vivim"]
    small = replace(recipe, config=replace(recipe.config, side=32), plan=replace(recipe.plan, batch=2), unlabelled=1)
    monkeypatch.setitem(run.RECIPES, "echo-vivim", small)
    answer = CliRunner().invoke(
        app, ["train", "echo-vivim", "--out", str(tmp_path / "r"), "--steps", "2", "--device", "cpu"]
    )
    assert answer.exit_code == 0, answer.output
    (info,) = available(tmp_path / "r" / "Models")
    card = info.card_path.read_text(encoding="utf-8")
    assert "compact Vivim, clips of 3 frames" in card and "Yang Y" in card and "Wu H" in card
    assert type(load_echo(info, CPU)).__name__ == "EchoVivim"
