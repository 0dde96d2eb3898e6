"""The list of recipes, and a recipe of a further model through the same training and release."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from medvos_command import ROOT
from torch import Tensor, nn
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.models.config import NetworkConfig
from medvos.models.store import available, models_folder
from medvos_lab.cli.train import options_of
from medvos_lab.loop import TensorBatch
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import Card, Folders, Option, Training, Validation
from medvos_lab.recipes import RECIPES
from medvos_lab.release import release
from medvos_lab.schedule import Schedule, constant
from medvos_lab.train import train

TEMPLATE = """# {{ info.name }}

{{ info.terms }} {{ described.step }} steps, {{ parameters }} million parameters, width {{ config.width }}.
{{ counts.cases }} cases. `{{ command }}`
{% for name, value in rows %}| {{ name }} | {{ value }} |
{% endfor %}"""

SCHEDULE = Schedule(0.05, 0.0, 4, constant)


@dataclass(frozen=True)
class ToyConfig(NetworkConfig):
    width: int = 4


class Toy(nn.Module):
    """(B, 1, H, W) -> (B, 1, H, W) logits."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.Sequential(nn.Conv2d(1, config.width, 3, 1, 1), nn.ReLU(), nn.Conv2d(config.width, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)


@dataclass(frozen=True)
class ToyBatch(TensorBatch):
    images: Tensor
    masks: Tensor


def bright_squares(step: int) -> ToyBatch:
    rng = np.random.default_rng(step)
    masks = torch.zeros(4, 1, 16, 16)
    for mask in masks:
        y, x = rng.integers(0, 8, 2)
        mask[:, y : y + 8, x : x + 8] = 1
    return ToyBatch(masks + 0.1 * torch.from_numpy(rng.standard_normal(masks.shape, np.float32)), masks)


@dataclass(frozen=True)
class ToyRecipe(Recipe[Toy, ToyBatch]):
    template: Path
    name: str = "toy"
    kind: str = "toy"
    config: ToyConfig = ToyConfig()
    schedule: Schedule = SCHEDULE
    steps: int = 12

    def network(self) -> Toy:
        return Toy(self.config)

    def batches(self, folders: Folders, steps: int, seed: int) -> Any:
        return bright_squares

    def loss(self, training: Training, batch: ToyBatch, progress: float) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(training.model(batch.images), batch.masks)

    def validate(self, network: Toy, folders: Folders, device: torch.device) -> Validation:
        assert [model.name for model in available(models_folder())] == ["toy"]
        batch = bright_squares(1000)
        right = float(((network(batch.images) > 0) == (batch.masks > 0)).float().mean())
        return Validation({"cases": 4.0, "accuracy": right}, {"validation_dice": right})

    def card(self) -> Card:
        return Card("toy", "For anyone.", "Finds bright squares.", self.template, counts=["cases"])


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ToyRecipe:
    (tmp_path / "card.md.j2").write_text(TEMPLATE)
    recipe = ToyRecipe(tmp_path / "card.md.j2")
    monkeypatch.setitem(RECIPES, recipe.name, recipe)
    return recipe


def test_a_further_recipe_goes_from_data_to_weights_with_a_card_by_the_same_command(toy, tmp_path):
    arguments = ["train", "toy", "--out", str(tmp_path / "run"), "--device", "cpu"]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exit_code == 0, answer.output
    (info,) = available(tmp_path / "run" / "Models")
    assert (info.name, info.network, info.config) == ("toy", "toy", {"width": 4})
    assert info.validation_dice > 0.9
    text = info.card_path.read_text()
    for part in ("For anyone. 12 steps", "4 cases", "`medvos train toy --steps 12 --out run`", "| accuracy |"):
        assert part in text
    assert "| cases |" not in text
    described = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (described["model"], described["batch"], described["config"]) == ("toy", 4, {"width": 4})
    with pytest.raises(InputError, match="toy is trained without --k"):
        CliRunner().invoke(app, [*arguments, "--k", "3"], catch_exceptions=False)


def test_a_release_that_cannot_be_validated_leaves_the_models_as_they_were(toy, tmp_path, monkeypatch):
    train(toy, tmp_path / "run", steps=1, device="cpu")

    def fails(*_: Any) -> Validation:
        raise InputError("There are no data.")

    monkeypatch.setattr(ToyRecipe, "validate", fails)
    with pytest.raises(InputError, match="no data"):
        release(toy, tmp_path / "run", tmp_path / "models", device="cpu")
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("name", "options", "released", "steps"),
    [
        ("cstm", {}, "cstm-open", 2400),
        ("cstm", {"release": "open"}, "cstm-open", 2400),
        ("echo-lv", {"continue_from": "echo-lv"}, "echo-lv", 3000),
        ("tcmn", {"continue_from": "tcmn"}, "tcmn", 4000),
        ("vivim", {}, "vivim", 5500),
        ("mvo", {}, "mvo", 3500),
    ],
)
def test_a_recipe_trains_as_many_steps_as_its_released_weights(name, options, released, steps):
    recipe = RECIPES[name].configured(**options)
    assert (recipe.card().name, recipe.steps) == (released, steps)
    card = (ROOT / "MedVOSResources" / "Models" / f"{released}.md").read_text(encoding="utf-8")
    assert f"| Training | {steps} steps of" in card


def test_the_release_chosen_last_sets_the_steps():
    assert RECIPES["cstm"].configured(release="research").configured(release="open").steps == 2400
    assert RECIPES["cstm-paper"].configured(release="research").steps == RECIPES["cstm-paper"].steps


@pytest.mark.parametrize("member", ["network", "batches", "loss", "validate", "card"])
def test_a_recipe_without_a_required_method_cannot_be_instantiated(member):
    incomplete = type("Incomplete", (ToyRecipe,), {member: getattr(Recipe, member)})
    with pytest.raises(TypeError, match=f"abstract method '?{member}"):
        incomplete(Path("card.md.j2"))


def test_recipes_agree_on_an_option_that_they_share():
    option = Option("--k", int, "Frames.", "3")
    first, alike, other = (
        SimpleNamespace(name=name, options={"k": found})
        for name, found in (("first", option), ("alike", replace(option)), ("other", replace(option, flags="--frames")))
    )
    assert options_of([first, alike]) == {"k": option}
    with pytest.raises(ValueError, match="recipe other has another option 'k'"):
        options_of([first, alike, other])


def test_every_recipe_can_be_built_and_has_a_card():
    for name, recipe in RECIPES.items():
        assert name == recipe.name
        card = recipe.configured().card()
        assert card.template.is_file() and card.terms and card.summary.endswith(".")


def test_the_command_line_knows_the_recipes_without_loading_torch(environment):
    code = "import sys, medvos_lab.cli.train, medvos_lab.cli.bench; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "False"
