"""Vivim's training and release, on a tiny network and hand-made hearts."""

from __future__ import annotations

import json

import pytest
import torch
from small_worlds import train, vivim_world
from tiny_vivim import Reader, a_case_that_is_its_own_truth
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.models.networks import load_vivim
from medvos.models.store import available, resolve
from medvos.models.vivim.config import SCANS
from medvos_lab import loop
from medvos_lab.recipes import RECIPES
from medvos_lab.vivim import losses, validate


@pytest.fixture(autouse=True)
def a_small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    vivim_world(monkeypatch)


def test_it_learns_to_see_the_heart(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "LOG_EVERY", 10)
    train("vivim", tmp_path, steps=30)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < 0.9 * rows[0]["loss"]


@pytest.mark.parametrize(
    ("boundary", "counted"),
    [
        ("affine", (True, True, 0.01)),
        ("towards", (True, True, 0)),
        ("contours", (False, True, 0)),
        ("none", (False, False, 0)),
    ],
)
def test_the_loss_has_the_parts_of_the_boundary_that_were_asked_for(boundary, counted, tmp_path, monkeypatch):
    seen = []

    def noted(prediction, targets, known, affine, contours, away):
        seen.append((affine is not None, contours, away))
        return prediction.logits.square().mean()

    monkeypatch.setattr(losses, "clip_loss", noted)
    train("vivim", tmp_path, steps=1, boundary=boundary)
    assert seen == [counted]
    facts = RECIPES["vivim"].configured(boundary=boundary).facts()
    assert (facts["affine_weight"], facts["adversarial_weight"]) == (0.3 if counted[0] else 0, counted[2])


def test_layers_over_time_join_half_way_and_begin_as_identity(tmp_path, monkeypatch):
    recipe = RECIPES["vivim"].configured(spatial_first=True)
    network = recipe.network().eval()
    recipe.initialise(network)
    clip = torch.rand(1, 3, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    alone, over_time = (network(clip, through_time).logits for through_time in (False, True))
    torch.testing.assert_close(alone, over_time)
    seen = []
    whole = type(network).forward
    monkeypatch.setattr(
        type(network),
        "forward",
        lambda self, clips, through=True: (seen.append(through), whole(self, clips, through))[1],
    )
    train("vivim", tmp_path, steps=4, spatial_first=True)
    assert seen == [False, False, True, True]


def test_single_frames_first_and_no_time_at_all_is_refused():
    with pytest.raises(InputError, match="give one"):
        RECIPES["vivim"].configured(spatial_first=True, scan=["none"])


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ([], "vivim"),
        (["--scan", "backward", "--scan", "forward"], "vivim-forward-backward"),
        (["--scan", "none"], "vivim-frames"),
        (["--boundary", "contours"], "vivim-no-affine"),
        (["--boundary", "towards"], "vivim-no-adversarial"),
        (["--spatial-first"], "vivim-spatial-first"),
    ],
)
def test_the_command_goes_from_data_to_weights_with_a_card(options, name, tmp_path, monkeypatch):
    monkeypatch.setattr(validate, "acdc_cases", lambda *_: [a_case_that_is_its_own_truth()])
    whole = validate.validate
    monkeypatch.setattr(validate, "validate", lambda _network, *rest: whole(Reader(), *rest))
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
    assert network.config.scans == dict.fromkeys(
        ("vivim", "vivim-frames", "vivim-no-affine", "vivim-no-adversarial", "vivim-spatial-first"), SCANS
    ).get(name, ("forward", "backward"))
