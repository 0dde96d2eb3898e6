"""CSTM's training, on a tiny network and hand-made studies."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from small_worlds import cstm_world, train
from tiny_network import TINY

from medvos.models.cstm.config import CstmConfig
from medvos.models.cstm.network import Cstm
from medvos_lab import loop
from medvos_lab.cstm import losses
from medvos_lab.pretrained import load_imagenet
from medvos_lab.recipes import RECIPES
from medvos_lab.release import averaged_weights


@pytest.fixture(autouse=True)
def a_small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    cstm_world(monkeypatch)


def test_without_resuming_it_begins_anew(tmp_path):
    (tmp_path / "log.jsonl").write_text("of a run before\n")
    first = train("cstm", tmp_path, steps=2)
    again = train("cstm", tmp_path, steps=2, resume=False)
    torch.testing.assert_close(again["network"], first["network"], atol=1e-6, rtol=1e-5)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [2]


def test_a_start_halves_the_learning_rate():
    rates = [RECIPES["cstm"].configured(**given).schedule.learning_rate for given in ({}, {"start": "run"})]
    assert rates[1] == rates[0] / 2


def test_a_finished_training_stays_as_it_is(tmp_path):
    first = train("cstm", tmp_path, steps=2)
    torch.testing.assert_close(train("cstm", tmp_path, steps=2)["average"], first["average"])


def test_a_run_leaves_what_a_release_needs(tmp_path):
    train("cstm", tmp_path, steps=2, release="open", matching="dense")
    _, described = averaged_weights(tmp_path)
    assert replace(TINY, matching="dense") == CstmConfig.of(described["config"])
    assert (described["model"], described["release"], described["step"]) == ("cstm", "open", 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "last.ckpt", "log.jsonl"]


def test_the_log_has_the_loss_after_resuming_too(tmp_path, monkeypatch):
    monkeypatch.setattr(losses, "sample_loss", lambda prediction, *_: prediction.logits.mean() * 0 + 1.25)
    monkeypatch.setattr(loop, "LOG_EVERY", 8)
    train("cstm", tmp_path, steps=2)
    train("cstm", tmp_path, steps=8)
    *_, row = (json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines())
    assert (row["step"], row["loss"]) == (8, 1.25)


def test_the_pretrained_encoder_s_statistics_are_kept_and_the_others_learn(tmp_path):
    torch.manual_seed(0)
    state = train("cstm", tmp_path, steps=2)["network"]
    fresh = Cstm(TINY)
    load_imagenet(fresh)
    before = fresh.state_dict()
    name = "key_encoder.backbone._bn0.running_mean"
    torch.testing.assert_close(state[name], before[name])
    name = "decoder.compress.conv1.1.running_mean"
    assert not torch.allclose(state[name], before[name])


def test_a_resumed_training_may_have_another_number_of_steps(tmp_path):
    train("cstm", tmp_path, steps=2)
    assert train("cstm", tmp_path, steps=5)["step"] == 5
