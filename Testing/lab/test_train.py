"""Training of any recipe: the same steps as a plain loop, an interrupted run, and a run that must not continue."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from small_worlds import WORLDS, train
from tiny_network import TINY, a_network
from tiny_tcmn import TINY_TCMN, a_tcmn
from torch import nn

import medvos_lab.cstm.losses
import medvos_lab.cstm_beats.rollout_model
import medvos_lab.echo.losses
import medvos_lab.mvo.losses
import medvos_lab.tcmn.losses
import medvos_lab.vivim.losses
from medvos.errors import InputError
from medvos_lab.loop import CHECKPOINT, LARGEST_GRADIENT
from medvos_lab.recipe_types import Folders, Training
from medvos_lab.recipes import RECIPES
from medvos_lab.train import can_resume, describe, launch, load_start_run, load_state, write_config

LOSSES = {
    "cstm": (medvos_lab.cstm.losses, "triplet_loss"),
    "cstm-beats": (medvos_lab.cstm_beats.rollout_model, "mixed_loss"),
    "echo-lv": (medvos_lab.echo.losses, "mean_teacher_loss"),
    "tcmn": (medvos_lab.tcmn.losses, "rollout_loss"),
    "vivim": (medvos_lab.vivim.losses, "clip_loss"),
    "mvo": (medvos_lab.mvo.losses, "mvo_loss"),
}
# Of weights after an interruption.
STRICT, LOOSE = {"atol": 1e-6, "rtol": 1e-5}, {"atol": 1e-5, "rtol": 1e-4}
TOLERANCE = dict.fromkeys(("tcmn", "vivim", "mvo"), LOOSE)
# Of weights after the first steps. TCMN's contrastive loss divides by the differences of frames, which are small in the
# hand-made beat, and so amplifies rounding; another learning rate would change nearly all weights by more.
ROUNDING = {"tcmn": (1e-4, 1e-2)}


def plain_loop(name: str, folder: Path, steps: int) -> dict[str, dict[str, torch.Tensor]]:
    """Train without the trunk: every step written out."""
    recipe = RECIPES[name]
    torch.manual_seed(0)
    network = recipe.network()
    parts = recipe.initialise(network)
    network = network.to(memory_format=torch.channels_last)
    batches = recipe.batches(Folders(None, folder / "run"), steps, 0)
    slow = {weight for part in parts.pretrained for weight in part.parameters()}
    groups = [
        {"params": [weight for weight in network.parameters() if weight not in slow]},
        {"params": [weight for part in parts.pretrained for weight in part.parameters()]},
    ]
    optimise = torch.optim.AdamW(groups, lr=1.0, weight_decay=recipe.schedule.weight_decay)
    average, model = deepcopy(network).eval(), recipe.model(network)
    for step in range(steps):
        for group, fraction in zip(optimise.param_groups, (1, 1 / 3), strict=True):
            group["lr"] = recipe.schedule.learning_rate * fraction * recipe.schedule.lr_schedule(step / steps)
        model.train()
        for part in parts.frozen:
            for module in part.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        with torch.random.fork_rng():  # the trunk prepares batches in another process
            batch = batches(step)
        loss = recipe.loss(Training(model, average, batches), batch, step / steps)
        optimise.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
        optimise.step()
        decay = min(recipe.schedule.decay, (1 + step) / (10 + step))
        for key, value in average.state_dict().items():
            new = network.state_dict()[key]
            value.lerp_(new, 1 - decay) if value.dtype.is_floating_point else value.copy_(new)
    return {"network": network.state_dict(), "average": average.state_dict()}


@pytest.mark.parametrize("name", WORLDS)
def test_three_steps_of_a_recipe_are_those_of_a_plain_loop(name, tmp_path, monkeypatch):
    WORLDS[name](monkeypatch)
    expected = plain_loop(name, tmp_path, 3)
    found = train(name, tmp_path / "run", steps=3)
    for part in ("network", "average"):
        assert found[part].keys() == expected[part].keys()
        away = torch.cat([(found[part][key] - value).abs().flatten() for key, value in expected[part].items()])
        # Rounding can turn the first AdamW steps of weights whose gradient is nearly 0.
        most, fraction = ROUNDING.get(name, (1e-6, 1e-3))
        assert (away > most).float().mean() < fraction


@pytest.mark.parametrize("name", WORLDS)
def test_an_interrupted_training_continues_as_if_it_had_not_been_interrupted(name, tmp_path, monkeypatch):
    WORLDS[name](monkeypatch)
    expected = train(name, tmp_path / "whole")
    module, loss = LOSSES[name]
    with monkeypatch.context() as patch:
        patch.setattr(module, loss, stopping(getattr(module, loss), 3))
        with pytest.raises(KeyboardInterrupt):
            train(name, tmp_path / "parts")
    assert torch.load(tmp_path / "parts" / CHECKPOINT, weights_only=True)["step"] == 2
    found = train(name, tmp_path / "parts")
    assert found["step"] == expected["step"] == 4
    for part in ("network", "average"):
        for key, value in expected[part].items():
            torch.testing.assert_close(found[part][key], value, **TOLERANCE.get(name, STRICT))


def stopping(loss: Callable[..., Any], after: int) -> Callable[..., Any]:
    """The loss, which the user stops at its fourth call."""
    calls = itertools.count()

    def stops(*arguments: Any) -> Any:
        if next(calls) == after:
            raise KeyboardInterrupt
        return loss(*arguments)

    return stops


@pytest.mark.parametrize(
    ("name", "options", "other"),
    [
        ("cstm", {"release": "open"}, "release"),
        ("cstm", {"matching": "dense"}, "network"),
        ("echo-lv", {"k": "1"}, "network"),
        ("tcmn", {"contrastive": False}, "contrastive"),
        ("tcmn", {"leave_out": ["atrium"]}, "left_out"),
        ("vivim", {"scan": ["forward"]}, "network"),
        ("vivim", {"boundary": "none"}, "boundary"),
        ("mvo", {"without_contrast": 0.5}, "without_contrast"),
        ("mvo", {"without": ["motion"]}, "network"),
    ],
)
def test_a_run_with_other_options_does_not_continue(name, options, other, tmp_path, monkeypatch):
    WORLDS[name](monkeypatch)
    usual = {"release": "research"} if name == "cstm" else {}
    train(name, tmp_path, steps=1, **usual)
    with pytest.raises(InputError, match=f"begun with another {other}.*--fresh"):
        train(name, tmp_path, steps=2, **usual | options)
    assert train(name, tmp_path, steps=1, resume=False, **usual | options)["step"] == 1


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The description of a run with a checkpoint in ``tmp_path``."""
    recipe: Any = RECIPES["tcmn"]
    monkeypatch.setitem(RECIPES, "tcmn", replace(recipe, config=TINY_TCMN, schedule=replace(recipe.schedule, batch=3)))
    fabric = launch(tmp_path, "cpu")
    described = describe(fabric, RECIPES["tcmn"])
    write_config(fabric, tmp_path, described, resumed=False)
    torch.save({}, tmp_path / CHECKPOINT)
    return described


def test_config_json_states_recipe_options_network_and_device(begun, tmp_path):
    assert json.loads((tmp_path / "config.json").read_text()) == json.loads(json.dumps(begun))
    assert begun["config"] == asdict(TINY_TCMN)
    assert (begun["model"], begun["contrastive"], begun["batch"]) == ("tcmn", True, 3)
    assert begun["device"] == f"{torch.get_num_threads()} CPU thread" + "s" * (torch.get_num_threads() > 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", CHECKPOINT]


def test_a_run_continues_where_it_was_begun_alike(begun, tmp_path):
    recipe = RECIPES["tcmn"]
    assert can_resume(tmp_path, begun, recipe, True)
    # Another computer may have other devices; the network is the same.
    assert can_resume(tmp_path, begun | {"device": "2 GPU", "batch": 6}, recipe, True)
    assert not can_resume(tmp_path, begun, recipe, False)
    (tmp_path / CHECKPOINT).unlink()
    assert not can_resume(tmp_path, begun, recipe, True)


def test_another_model_does_not_continue(begun, tmp_path):
    with pytest.raises(InputError, match="another model"):
        can_resume(tmp_path, begun | {"model": "tcmn-paper"}, RECIPES["tcmn"], True)


def test_a_run_of_a_version_whose_configuration_had_fewer_fields_continues(begun, tmp_path):
    older = json.loads((tmp_path / "config.json").read_text())
    usual = RECIPES["tcmn"].config
    del older["config"]["encoder"]
    (tmp_path / "config.json").write_text(json.dumps(older))
    assert usual.encoder == "efficientnet-lite0"
    assert can_resume(tmp_path, begun, RECIPES["tcmn"], True)


def test_a_run_of_a_version_that_lacked_an_option_continues_without_it(begun, tmp_path):
    older = json.loads((tmp_path / "config.json").read_text())
    del older["left_out"]
    (tmp_path / "config.json").write_text(json.dumps(older))
    assert can_resume(tmp_path, begun, RECIPES["tcmn"], True)
    given = RECIPES["tcmn"].configured(leave_out=["acdc"])
    with pytest.raises(InputError, match="begun with another left_out"):
        can_resume(tmp_path, begun | given.facts(), given, True)


def test_a_run_of_a_version_that_did_not_state_its_start_continues(begun, tmp_path):
    recipe = RECIPES["cstm-beats"]
    older = {**begun, "model": recipe.name, **recipe.facts(), "batch": recipe.schedule.batch}
    older |= {"batch_of_a_device": recipe.schedule.batch, "config": asdict(recipe.config)}
    (tmp_path / "config.json").write_text(json.dumps(older))
    assert can_resume(tmp_path, {**older, "before": ["its start"]}, recipe, True)


@pytest.mark.parametrize("text", ["", "[]", "{}", "\x00", None])
def test_a_run_without_a_readable_configuration_does_not_continue(begun, text, tmp_path):
    (tmp_path / "config.json").unlink()
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    with pytest.raises(InputError, match="readable config"):
        can_resume(tmp_path, begun, RECIPES["tcmn"], True)


def test_the_log_is_deleted_only_where_a_run_begins_anew(begun, tmp_path):
    fabric = launch(tmp_path, "cpu")
    (tmp_path / "log.jsonl").write_text("{}\n")
    write_config(fabric, tmp_path, begun, resumed=True)
    assert (tmp_path / "log.jsonl").exists()
    write_config(fabric, tmp_path, begun, resumed=False)
    assert not (tmp_path / "log.jsonl").exists()


def test_the_average_begins_at_the_network_and_stays_apart(tmp_path):
    fabric = launch(tmp_path, "cpu")
    network = a_tcmn()
    state = load_state(fabric, tmp_path, network, torch.optim.SGD(network.parameters()), resumed=False)
    assert state["step"] == 0
    assert state["network"] is network and not state["average"].training
    name, before = next((n, p.detach().clone()) for n, p in network.named_parameters())
    with torch.no_grad():
        next(network.parameters()).add_(1.0)
    torch.testing.assert_close(dict(state["average"].named_parameters())[name], before)


def test_a_damaged_checkpoint_is_reported(tmp_path):
    fabric = launch(tmp_path, "cpu")
    (tmp_path / CHECKPOINT).write_bytes(b"PK\x03\x04 damaged")
    network = a_tcmn()
    with pytest.raises(InputError, match=r"last\.ckpt is damaged"):
        load_state(fabric, tmp_path, network, torch.optim.SGD(network.parameters()), resumed=True)


def test_a_missing_device_or_folder_is_reported_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="'cuda' was asked for"):
        launch(tmp_path / "run", "cuda")
    assert not (tmp_path / "run").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another folder"):
        launch(tmp_path / "file", "cpu")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError):
        launch(tmp_path / "run", "cpu")


BEGUN = {"model": "cstm", "release": "research", "batch": 8, "device": "1 GPU", "config": asdict(TINY)}


def a_run(folder: Path, **changes: object) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({**BEGUN, **changes}))
    torch.save({"average": a_network().state_dict(), "step": 12}, folder / CHECKPOINT)
    return folder


def test_a_start_run_gives_its_weights_and_the_stages_before(tmp_path):
    stages, weights = load_start_run(a_run(tmp_path / "first", before=["the very first"]), "research")
    assert stages == ["the very first", "12 steps (research release), decoder widths 16, 8, 8, 8, 8"]
    torch.testing.assert_close(weights["decoder.presence.bias"], a_network().decoder.presence.bias)


def test_weights_that_learnt_from_research_data_never_become_free_ones(tmp_path):
    with pytest.raises(InputError, match="learnt from acdc, which the release 'open' must not use"):
        load_start_run(a_run(tmp_path / "first"), "open")
    load_start_run(a_run(tmp_path / "open", release="open"), "open")
    load_start_run(a_run(tmp_path / "other", release="open"), "research")


@pytest.mark.parametrize("damaged", ["config.json", CHECKPOINT])
def test_a_start_that_is_no_run_is_refused(tmp_path, damaged):
    with pytest.raises(InputError, match="no run to start from"):
        load_start_run(tmp_path / "nowhere", "research")
    (a_run(tmp_path / "run") / damaged).write_bytes(b"{}")
    with pytest.raises(InputError, match="no run to start from"):
        load_start_run(tmp_path / "run", "research")


def test_a_run_with_a_start_does_not_continue_without_one_and_keeps_its_stages(tmp_path, monkeypatch):
    WORLDS["cstm"](monkeypatch)
    research: dict[str, Any] = {"release": "research"}
    first = train("cstm", tmp_path / "first", steps=2, **research)
    second = train("cstm", tmp_path / "second", steps=2, start=tmp_path / "first", **research)
    config = tmp_path / "second" / "config.json"
    assert json.loads(config.read_text())["before"][0].startswith("2 steps (research release)")
    name = "key_encoder.project16.weight"
    assert (second["average"][name] - first["average"][name]).abs().max() < 0.1
    train("cstm", tmp_path / "first", steps=3, **research)  # its next checkpoint is not what the second began with
    train("cstm", tmp_path / "second", steps=3, start=tmp_path / "first", **research)
    assert json.loads(config.read_text())["before"][0].startswith("2 steps (research release)")
    with pytest.raises(InputError, match="another start"):
        train("cstm", tmp_path / "second", steps=4, **research)
