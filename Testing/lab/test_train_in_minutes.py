"""Training for minutes in place of steps, and in mixed precision."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from small_worlds import WORLDS, train

from medvos.errors import InputError
from medvos_lab.budget import Budget
from medvos_lab.loop import CHECKPOINT, LOG
from medvos_lab.recipes import RECIPES
from medvos_lab.train import budget_of
from medvos_lab.train import train as train_recipe


@pytest.mark.parametrize("name", ["cstm", "cstm-beats"])
def test_a_recipe_learns_in_mixed_precision_and_keeps_its_weights_in_single(name, tmp_path, monkeypatch):
    WORLDS[name](monkeypatch)
    single = train(name, tmp_path / "single", steps=2)
    path = train_recipe(RECIPES[name], tmp_path / "mixed", steps=2, device="cpu", precision="bf16-mixed")
    mixed = torch.load(path, weights_only=True)
    assert json.loads((tmp_path / "mixed" / "config.json").read_text())["device"].endswith(" in bf16-mixed")
    for part in ("network", "average"):
        assert {v.dtype for v in mixed[part].values()} <= {torch.float32, torch.int64}
        assert all(value.isfinite().all() for value in mixed[part].values())
    away = torch.cat([(mixed["network"][key] - value).abs().flatten() for key, value in single["network"].items()])
    assert 0 < away.float().mean() < RECIPES[name].schedule.learning_rate


def test_other_recipes_are_trained_in_single_precision_only(tmp_path):
    with pytest.raises(InputError, match="vivim is trained in float32 only"):
        train_recipe(RECIPES["vivim"], tmp_path / "run", steps=2, device="cpu", precision="bf16-mixed")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", sorted(set(WORLDS) - {"tcmn"}))
def test_a_training_of_minutes_ends_and_starts_again_only_to_be_released(name, tmp_path, monkeypatch):
    WORLDS[name](monkeypatch)
    arguments: dict[str, Any] = {"device": "cpu", "minutes": 0.02}
    state = torch.load(train_recipe(RECIPES[name], tmp_path / "run", **arguments), weights_only=True)
    assert state["seconds"] >= 1.2
    assert state["step"] > 0
    rows = [json.loads(row) for row in (tmp_path / "run" / LOG).read_text().splitlines()]
    assert rows[0]["step"] == 0
    assert rows[0]["preparation_seconds"] >= 0
    assert rows[-1]["step"] == state["step"]
    config = tmp_path / "run" / "config.json"
    config.write_text(config.read_text().replace("CPU thread", "GPU of another machine"))
    monkeypatch.setattr(type(RECIPES[name]), "batches", None)  # data are not prepared again
    train_recipe(RECIPES[name], tmp_path / "run", **arguments)
    assert "GPU of another machine" in config.read_text()
    assert torch.load(tmp_path / "run" / CHECKPOINT, weights_only=True)["step"] == state["step"]


def test_a_checkpoint_without_seconds_continues(tmp_path, monkeypatch):
    WORLDS["cstm"](monkeypatch)
    train("cstm", tmp_path, steps=2)
    state = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    assert state.pop("seconds") > 0
    torch.save(state, tmp_path / CHECKPOINT)
    assert train("cstm", tmp_path, steps=4)["step"] == 4


@pytest.mark.parametrize("part", ["average", "step"])
def test_an_ended_training_with_a_foreign_checkpoint_is_not_released(part, tmp_path, monkeypatch):
    WORLDS["cstm"](monkeypatch)
    state = train("cstm", tmp_path, steps=2)
    torch.save({key: value for key, value in state.items() if key != part}, tmp_path / CHECKPOINT)
    with pytest.raises(InputError, match="is damaged; give --fresh"):
        train("cstm", tmp_path, steps=2)
    state["average"] = {name: value[:1] for name, value in state["average"].items() if value.ndim}
    torch.save(state, tmp_path / CHECKPOINT)
    with pytest.raises(InputError, match="is damaged; give --fresh"):
        train("cstm", tmp_path, steps=2)


def test_a_run_goes_on_with_the_batch_and_the_precision_that_its_card_states(tmp_path, monkeypatch):
    WORLDS["cstm"](monkeypatch)
    usual = RECIPES["cstm"]
    larger = replace(usual, schedule=usual.schedule.with_larger_batch(3))
    train("cstm", tmp_path, steps=1)
    config = tmp_path / "config.json"
    now = config.read_text()
    earlier = {key: value for key, value in json.loads(now).items() if key != "batch_of_a_device"}
    for text in (now, json.dumps(earlier)):
        config.write_text(text)
        for steps in (1, 2):  # a training that has ended, too: its release would state another batch
            with pytest.raises(InputError, match="begun with another batch"):
                train_recipe(larger, tmp_path, steps=steps, device="cpu")
            with pytest.raises(InputError, match="begun with another precision"):
                train_recipe(usual, tmp_path, steps=steps, device="cpu", precision="bf16-mixed")
    # Two devices of an earlier version: the same batch on each.
    config.write_text(json.dumps(earlier | {"batch": 2 * usual.schedule.batch}))
    assert train("cstm", tmp_path, steps=2)["step"] == 2
    train_recipe(usual, tmp_path / "mixed", steps=1, device="cpu", precision="bf16-mixed")
    with pytest.raises(InputError, match="begun with another precision"):
        train("cstm", tmp_path / "mixed", steps=2)


@pytest.mark.parametrize("minutes", [0.0, -1.0, math.nan, math.inf])
def test_minutes_that_never_end_are_refused(minutes):
    with pytest.raises(InputError, match="give a positive number with --minutes"):
        budget_of(RECIPES["cstm"], None, minutes)


def test_minutes_and_steps_exclude_each_other():
    recipe = RECIPES["cstm"]
    assert budget_of(recipe, None, None) == Budget(steps=recipe.steps)
    assert budget_of(recipe, 3, None) == Budget(steps=3)
    assert budget_of(recipe, None, 1.5) == Budget(minutes=1.5)
    with pytest.raises(InputError, match="give --steps or --minutes"):
        budget_of(recipe, 3, 1.0)
    with pytest.raises(InputError, match="batches of tcmn depend on the number of steps"):
        budget_of(RECIPES["tcmn"], None, 1.0)
