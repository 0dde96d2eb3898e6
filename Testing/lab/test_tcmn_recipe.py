"""TCMN's training and release, on a tiny network and hand-made clips."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_worlds import tcmn_world, train
from tiny_echo import some_pairs
from tiny_tcmn import TINY_TCMN, a_tcmn, store_tcmn
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.models.networks import load_tcmn
from medvos.models.store import available, resolve
from medvos.structures import LA, LV, MYO
from medvos_lab import loop
from medvos_lab.recipe_types import Folders
from medvos_lab.recipes import RECIPES
from medvos_lab.tcmn import batches, validate
from medvos_lab.tcmn.mix import KINDS, USUAL

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def a_small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    tcmn_world(monkeypatch)


def test_it_learns_to_follow(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "LOG_EVERY", 10)
    only_beats = replace(USUAL, fractions={kind: float(kind == "echonet") for kind in KINDS}, two_structures=0.0)
    monkeypatch.setattr(batches, "USUAL", only_beats)
    monkeypatch.setattr(batches, "LEAPS", only_beats)
    train("tcmn", tmp_path, steps=40)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < 0.85 * rows[0]["loss"]


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
        "| CAMUS LA ES |",
        "| ACDC Myo ES |",
        "Leclerc",
        "Bernard",
        info.sha256,
    ):
        assert part in text
    for part in ("synthetic", "registered", "2,700 pairs", "4 validation pairs", "1 validation clips"):
        assert part in text

    monkeypatch.setenv("MEDVOS_MODELS", str(out / "Models"))
    network = load_tcmn(resolve(name, "cstm", "tcmn"), CPU)
    assert network.config == TINY_TCMN and not network.training
    with pytest.raises(InputError, match="not for this task; set MEDVOS_MODELS"):
        resolve(name)


def test_released_weights_are_continued_and_keep_their_finest_stages(tmp_path, monkeypatch):
    start = a_tcmn()
    store_tcmn(tmp_path / "models", start, "tcmn")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))
    found = train("tcmn", tmp_path / "run", steps=2, continue_from="tcmn")["network"]
    released = {name: value.half().float() for name, value in start.state_dict().items()}
    kept = [name for name, _ in start.named_parameters() if name.startswith("query_encoder.backbone._conv_stem")]
    assert kept and all(torch.equal(found[name], released[name]) for name in kept)
    learnt = "decoder.logits.weight"
    assert not torch.equal(found[learnt], released[learnt])
    torch.testing.assert_close(found[learnt], released[learnt], atol=5e-3, rtol=0)
    described = json.loads((tmp_path / "run" / "config.json").read_text())
    assert described["continued"] == "tcmn" and "SHA-256" in described["before"][0]


def test_what_is_left_out_is_not_loaded_and_named_in_the_weights(tmp_path):
    recipe = RECIPES["tcmn"].configured(leave_out=["mri", "atrium"], contrastive=False)
    assert recipe.card().name == "tcmn-plain-without-atrium-without-mri"
    folders = Folders(None, tmp_path / "run")
    sources = recipe.batches(folders, 2, 0).sources
    assert sources.kinds == {"parts", "echonet", "camus"}
    assert sources.pairs["camus"].structures == (LV, MYO)
    everything = RECIPES["tcmn"].batches(folders, 2, 0).sources
    assert everything.kinds == set(KINDS) and everything.pairs["camus"].structures == (LV, MYO, LA)
    assert RECIPES["tcmn"].configured(leave_out=["acdc"]).batches(folders, 2, 0).sources.kinds == set(KINDS) - {"beats"}
    assert recipe.batches(folders, 2, 0)(0).images.isfinite().all()


def test_the_constants_of_the_uncertainty_say_more_where_it_is_less_sure():
    pairs = some_pairs()
    followed = [validate.across(a_tcmn(), pairs, start, CPU) for start in (0, 1)]
    calibration = validate.calibrate(followed)
    assert all(np.isfinite([*calibration.voxel, *calibration.slice]))
    assert calibration.voxel[2] == 0
