"""Echo training and release, on a tiny network and hand-made clips."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from small_worlds import echo_world, shrink, train
from tiny_echo import TINY_ECHO, an_echo_network
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.models.echo.config import ECHO_VIVIM
from medvos.models.networks import load_cstm, load_echo
from medvos.models.store import available, resolve
from medvos_lab import loop
from medvos_lab.recipes import RECIPES
from medvos_lab.release import update_manifest, write_weights

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def a_small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    echo_world(monkeypatch)


def test_it_learns_where_the_lv_is(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "LOG_EVERY", 10)
    train("echo-lv", tmp_path, steps=60)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < 0.8 * rows[0]["loss"]


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
    with pytest.raises(InputError, match="not for this task; set MEDVOS_MODELS"):
        resolve("echo-lv")
    with pytest.raises(InputError, match="do not fit"):
        load_cstm(info, CPU)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # after two steps there may be no LV to measure
def test_vivim_is_trained_on_the_same_and_has_a_card_of_its_own(tmp_path, monkeypatch):
    shrink(monkeypatch, "echo-vivim", {"batch": 2, "unlabelled": 1}, config=replace(ECHO_VIVIM, side=32))
    answer = CliRunner().invoke(
        app, ["train", "echo-vivim", "--out", str(tmp_path / "r"), "--steps", "2", "--device", "cpu"]
    )
    assert answer.exit_code == 0, answer.output
    (info,) = available(tmp_path / "r" / "Models")
    card = info.card_path.read_text(encoding="utf-8")
    assert "compact Vivim, clips of 3 frames" in card and "Yang Y" in card and "Wu H" in card
    assert type(load_echo(info, CPU)).__name__ == "EchoVivim"


@pytest.mark.parametrize(("k", "kept"), [("3", True), ("5", False)])
def test_calibrations_are_continued_where_they_are_between_the_same_frames(tmp_path, monkeypatch, k, kept):
    start = an_echo_network()
    with torch.no_grad():
        start.calibrations[0][0].temperature.fill_(7.5)
    write_weights(start, "echo-lv", tmp_path / "models", "terms", "summary")
    update_manifest(tmp_path / "models", "echo-lv", {"network": "echo"})
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))
    recipe = RECIPES["echo-lv"].configured(k=k, continue_from="echo-lv")
    network = recipe.network()
    assert not recipe.initialise(network).frozen
    assert (float(network.calibrations[0][0].temperature.detach()) == 7.5) is kept
    torch.testing.assert_close(network.decoder.logits.weight, start.decoder.logits.weight, atol=2e-3, rtol=0)


@pytest.mark.parametrize("name", ["echo-lv", "echo-lv-paper"])
def test_a_continued_training_has_half_the_learning_rate(name):
    usual, continued = RECIPES[name], RECIPES[name].configured(continue_from="echo-lv")
    assert continued.schedule.learning_rate == usual.schedule.learning_rate / 2
