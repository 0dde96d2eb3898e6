"""TCMN's training and release, on a tiny network and hand-made clips."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from interrupted import goes_on_as_if_nothing_had_happened
from tiny_echo import a_film, some_pairs
from tiny_tcmn import TINY_TCMN, a_tcmn
from training_studies import a_study
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.models.networks import load_tcmn
from medvos.models.store import available, resolve
from medvos_lab import loop
from medvos_lab.tcmn import batches, validate
from medvos_lab.tcmn import recipe as run
from medvos_lab.tcmn.batches import TcmnBatch
from medvos_lab.tcmn.mix import USUAL
from medvos_lab.tcmn.walk import Walked

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def a_small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = run.RECIPES["tcmn"]
    tiny = replace(recipe, config=TINY_TCMN, plan=replace(recipe.plan, batch=3))
    monkeypatch.setitem(run.RECIPES, "tcmn", tiny)
    monkeypatch.setattr(loop, "SAVE_EVERY", 2)
    for module in (run, validate):
        monkeypatch.setattr(module, "echonet_pairs", lambda *_: some_pairs())
    monkeypatch.setattr(validate, "echonet_clips", lambda *_: [a_film()])
    monkeypatch.setattr(run, "registered", lambda *_: np.zeros((4, 2, 14, 14), np.float16))
    monkeypatch.setattr(run, "load_studies", lambda *_: [a_study(source="synthetic")])


def train(out: Path, steps: int = 4, **options) -> dict:
    """The checkpoint."""
    return torch.load(run.train(out=out, steps=steps, device="cpu", **options), weights_only=True)


def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(tmp_path):
    goes_on_as_if_nothing_had_happened(train, run, "walk_loss", tmp_path)


def test_a_run_of_another_loss_is_not_gone_on_with(tmp_path):
    train(tmp_path, steps=2)
    with pytest.raises(InputError, match="--fresh"):
        train(tmp_path, steps=4, contrastive=False)
    assert train(tmp_path, steps=2, contrastive=False, resume=False)["step"] == 2


def test_it_learns_to_follow(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "LOG_EVERY", 10)
    only_beats = replace(USUAL, fractions=(1.0, 0.0, 0.0), two_structures=0.0)
    monkeypatch.setattr(batches, "USUAL", only_beats)
    monkeypatch.setattr(batches, "LEAPS", only_beats)
    train(tmp_path, steps=40)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < 0.85 * rows[0]["loss"]


def test_the_contrastive_loss_can_be_switched_off():
    logits = torch.zeros(1, 2, 32, 32)
    values = tuple(torch.rand(1, 1, 12, 4, 4) for _ in range(3))
    batch = TcmnBatch(torch.zeros(1, 3, 32, 32), torch.ones(1, 3, 32, 32).long(), torch.ones(1, 1, dtype=torch.bool))
    with_it, without = (run.walk_loss(Walked((logits, logits), values), batch, 0.0, on) for on in (True, False))
    expected = run.CONTRASTIVE_WEIGHT * run.temporal_contrastive_loss(*values, batch.seeded)
    torch.testing.assert_close(with_it - without, expected)


@pytest.mark.parametrize(("options", "name"), [([], "tcmn"), (["--no-contrastive"], "tcmn-plain")])
def test_the_command_goes_from_data_to_weights_with_a_card(options, name, tmp_path, monkeypatch):
    out = tmp_path / "r"
    arguments = ["train", "tcmn", "--out", str(out), "--steps", "2", "--device", "cpu", *options]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exit_code == 0, answer.output
    (info,) = available(out / "Models")
    assert (info.name, info.network) == (name, "tcmn")
    assert 0 <= info.validation_dice <= 1
    assert len(info.calibration["voxel"]) == 3 and len(info.calibration["slice"]) == 2
    text = info.card_path.read_text()
    for part in (
        "Non-commercial research",
        "Ouyang",
        "TCMN",
        " ".join(["medvos train tcmn --steps 2 --out r", *options]),
        "without the temporal" if options else "times the temporal",
        "| Dice, ED to ES |",
        info.sha256,
    ):
        assert part in text
    for part in ("synthetic", "registered", "2,700 pairs", "4 validation pairs", "1 validation clips"):
        assert part in text

    monkeypatch.setenv("MEDVOS_MODELS", str(out / "Models"))
    network = load_tcmn(resolve(name, "cstm", "tcmn"), CPU)
    assert network.config == TINY_TCMN and not network.training
    with pytest.raises(InputError, match="no model"):
        resolve(name)


@pytest.mark.parametrize("options", [["tcmn", "--k", "3"], ["tcmn", "--release", "open"], ["cstm", "--no-contrastive"]])
def test_an_option_of_another_network_is_refused(options, tmp_path):
    answer = CliRunner().invoke(app, ["train", *options, "--out", str(tmp_path)])
    assert isinstance(answer.exception, InputError) and options[1].removeprefix("--no-") in str(answer.exception)


def test_the_constants_of_the_uncertainty_say_more_where_it_is_less_sure():
    pairs = some_pairs()
    followed = [validate.across(a_tcmn(), pairs, start, CPU) for start in (0, 1)]
    calibration = validate.calibrate(followed)
    assert all(np.isfinite([*calibration.voxel, *calibration.slice]))
    assert calibration.voxel[2] == 0
