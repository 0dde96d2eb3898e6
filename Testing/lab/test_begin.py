"""The beginning that every training shares."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from tiny_tcmn import TINY_TCMN, a_tcmn

from medvos.errors import InputError
from medvos_lab.begin import CHECKPOINT, describe, goes_on, launch, note, state_of
from medvos_lab.tcmn.recipe import RECIPES

PLAN = replace(RECIPES["tcmn"].plan, batch=3)


@pytest.fixture
def begun(tmp_path: Path) -> dict:
    """What a run with a checkpoint in ``tmp_path`` says of itself."""
    fabric = launch(tmp_path, "cpu")
    described = describe(fabric, "tcmn", TINY_TCMN, PLAN, contrastive=True)
    note(fabric, tmp_path, described, resumed=False)
    torch.save({}, tmp_path / CHECKPOINT)
    return described


def test_a_run_says_what_it_trains_and_where(begun, tmp_path):
    assert json.loads((tmp_path / "config.json").read_text()) == json.loads(json.dumps(begun))
    assert begun["config"] == asdict(TINY_TCMN)
    assert (begun["model"], begun["contrastive"], begun["batch"]) == ("tcmn", True, 3)
    assert begun["device"] == f"{torch.get_num_threads()} CPU thread" + "s" * (torch.get_num_threads() > 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["config.json", CHECKPOINT]


def test_it_goes_on_where_it_was_begun_alike(begun, tmp_path):
    assert goes_on(tmp_path, begun, True, "contrastive")
    # Another machine may have other devices; the network is the same.
    assert goes_on(tmp_path, begun | {"device": "2 GPU", "batch": 6}, True, "contrastive")
    assert not goes_on(tmp_path, begun, False, "contrastive")
    (tmp_path / CHECKPOINT).unlink()
    assert not goes_on(tmp_path, begun, True, "contrastive")


@pytest.mark.parametrize(
    "change",
    [{"model": "tcmn-paper"}, {"contrastive": False}, {"config": asdict(replace(TINY_TCMN, key_channels=5))}],
    ids=lambda change: next(iter(change)),
)
def test_another_network_or_option_does_not_go_on(begun, change, tmp_path):
    with pytest.raises(InputError, match="--fresh"):
        goes_on(tmp_path, begun | change, True, "contrastive")
    assert not goes_on(tmp_path, begun | change, False, "contrastive")


@pytest.mark.parametrize("text", ["", "[]", "{}", "\x00", None])
def test_a_run_without_a_readable_configuration_does_not_go_on(begun, text, tmp_path):
    (tmp_path / "config.json").unlink()
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    with pytest.raises(InputError, match="readable config"):
        goes_on(tmp_path, begun, True, "contrastive")


def test_the_log_goes_only_with_the_run_it_told_of(begun, tmp_path):
    fabric = launch(tmp_path, "cpu")
    (tmp_path / "log.jsonl").write_text("{}\n")
    note(fabric, tmp_path, begun, resumed=True)
    assert (tmp_path / "log.jsonl").exists()
    note(fabric, tmp_path, begun, resumed=False)
    assert not (tmp_path / "log.jsonl").exists()


def test_the_average_begins_at_the_network_and_stays_apart(tmp_path):
    fabric = launch(tmp_path, "cpu")
    network = a_tcmn()
    state = state_of(fabric, tmp_path, network, torch.optim.SGD(network.parameters()), resumed=False)
    assert state["step"] == 0
    assert state["network"] is network and not state["average"].training
    name, before = next((n, p.detach().clone()) for n, p in network.named_parameters())
    with torch.no_grad():
        next(network.parameters()).add_(1.0)
    torch.testing.assert_close(dict(state["average"].named_parameters())[name], before)


def test_a_damaged_checkpoint_is_told(tmp_path):
    fabric = launch(tmp_path, "cpu")
    (tmp_path / CHECKPOINT).write_bytes(b"PK\x03\x04 damaged")
    network = a_tcmn()
    with pytest.raises(InputError, match="damaged"):
        state_of(fabric, tmp_path, network, torch.optim.SGD(network.parameters()), resumed=True)


def test_what_cannot_be_is_told_before_anything_is_made(tmp_path):
    if not torch.cuda.is_available():
        with pytest.raises(InputError):
            launch(tmp_path / "run", "cuda")
        assert not (tmp_path / "run").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError):
        launch(tmp_path / "file", "cpu")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError):
        launch(tmp_path / "run", "cpu")
