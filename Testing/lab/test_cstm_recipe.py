"""Training, on a tiny network and hand-made studies."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from interrupted import goes_on_as_if_nothing_had_happened
from tiny_network import TINY
from training_studies import a_cavity_study, a_study

from medvos.errors import InputError
from medvos.models.cstm.config import CstmConfig
from medvos.models.cstm.network import Cstm
from medvos_lab import loop
from medvos_lab.cstm import recipe as run
from medvos_lab.release import averaged_network


@pytest.fixture(autouse=True)
def a_small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(run.CONFIGS, "cstm", TINY)
    monkeypatch.setitem(run.SCHEDULES, "cstm", replace(run.SCHEDULES["cstm"], batch=2))
    monkeypatch.setattr(loop, "SAVE_EVERY", 2)
    monkeypatch.setattr(run, "load_studies", lambda *_: [a_study(), a_cavity_study()])


def train(out: Path, steps: int = 4, **options) -> dict:
    """The checkpoint."""
    path = run.train(out=out, steps=steps, device="cpu", **options)
    return torch.load(path, weights_only=True)


def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(tmp_path):
    goes_on_as_if_nothing_had_happened(train, run, "sample_loss", tmp_path, 1e-6, losses_a_step=2)


def test_without_resuming_it_begins_anew(tmp_path):
    first = train(tmp_path, steps=2)
    again = train(tmp_path, steps=2, resume=False)
    torch.testing.assert_close(again["network"], first["network"], atol=1e-6, rtol=1e-5)


def test_a_finished_research_run_does_not_become_an_open_release(tmp_path):
    train(tmp_path, steps=2, release="research")
    with pytest.raises(InputError, match="release research"):
        train(tmp_path, steps=2, release="open")
    assert averaged_network(tmp_path)[1]["release"] == "research"


def test_a_start_is_told_of_and_grown_from(tmp_path):
    first = train(tmp_path / "first", steps=2)
    second = train(tmp_path / "second", steps=2, start=tmp_path / "first")
    (stage,) = averaged_network(tmp_path / "second")[1]["before"]
    assert stage.startswith("2 steps (research release)")
    name = "key_encoder.project16.weight"
    assert (second["average"][name] - first["average"][name]).abs().max() < 0.1


def test_what_cannot_be_gone_on_from_is_refused(tmp_path, monkeypatch):
    train(tmp_path, steps=2)
    (tmp_path / "last.ckpt").write_bytes((tmp_path / "last.ckpt").read_bytes()[:5000])
    with pytest.raises(InputError, match=r"last\.ckpt is damaged"):
        train(tmp_path, steps=2)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another folder"):
        train(tmp_path / "file")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="'cuda' was asked for"):
        run.train(out=tmp_path, steps=2, device="cuda")


def test_beginning_anew_begins_the_log_anew(tmp_path):
    (tmp_path / "log.jsonl").write_text("of a run before\n")
    train(tmp_path, steps=2, resume=False)
    assert not (tmp_path / "log.jsonl").exists()


def test_a_finished_training_stays_as_it_is(tmp_path):
    first = train(tmp_path, steps=2)
    torch.testing.assert_close(train(tmp_path, steps=2)["average"], first["average"])


def test_a_run_leaves_what_a_release_needs(tmp_path):
    train(tmp_path, steps=2, release="open", matching="dense")
    network, described = averaged_network(tmp_path)
    assert network.config == replace(TINY, matching="dense") == CstmConfig.of(described["config"])
    assert (described["model"], described["release"], described["step"]) == ("cstm", "open", 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "last.ckpt"]


def test_the_log_tells_the_loss_after_resuming_too(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "sample_loss", lambda prediction, *_: prediction.logits.mean() * 0 + 1.25)
    train(tmp_path, steps=44)
    train(tmp_path, steps=50)
    (row,) = (json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines())
    assert (row["step"], row["loss"]) == (50, 1.25)


def test_the_pretrained_encoder_s_statistics_are_kept_and_the_others_learn(tmp_path):
    torch.manual_seed(0)
    state = train(tmp_path, steps=2)["network"]
    fresh = Cstm(TINY)
    run.load_imagenet(fresh)
    before = fresh.state_dict()
    name = "key_encoder.backbone._bn0.running_mean"
    torch.testing.assert_close(state[name], before[name])
    name = "decoder.compress.conv1.1.running_mean"
    assert not torch.allclose(state[name], before[name])


def test_a_resumed_training_may_have_another_number_of_steps(tmp_path):
    train(tmp_path, steps=2)
    assert train(tmp_path, steps=5)["step"] == 5
