"""The ablation command: trains what is missing at a budget, and prints the paper's numbers beside ours."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from a_beat import a_beat
from a_camus_study import a_camus_study
from small_worlds import echo_world, mvo_world
from tiny_echo import a_film, some_pairs
from tiny_mvo import TINY_MVO, an_mvo_network
from tiny_network import a_network
from tiny_tcmn import a_tcmn
from tiny_vivim import a_case_that_is_its_own_truth, a_vivim
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import Cancelled, InputError
from medvos.models.cstm.config import CstmConfig
from medvos.models.store import available
from medvos.propagation.settings import PropagationSettings
from medvos_lab import ablation as ablation_module
from medvos_lab import datasets
from medvos_lab.ablation import RowsFailedError, run, seconds_of
from medvos_lab.ablation_types import Judging, Scores
from medvos_lab.ablations import ABLATIONS
from medvos_lab.datasets import acdc_beats, echonet
from medvos_lab.echo import bench as bench_echo
from medvos_lab.mvo import patients
from medvos_lab.recipes import RECIPES
from medvos_lab.release import model_store, update_manifest, write_weights
from medvos_lab.tcmn import structures
from medvos_lab.train import train

WU = ABLATIONS["wu"]
CPU = torch.device("cpu")
# After two steps there may be no LV to measure.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.fixture
def small_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    echo_world(monkeypatch)
    monkeypatch.setattr(bench_echo, "echonet_pairs", lambda *_: some_pairs())
    monkeypatch.setattr(bench_echo, "echonet_clips", lambda *_: [a_film()])
    monkeypatch.setattr(bench_echo, "camus_studies", lambda *_: [a_camus_study()])


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the runs that were trained."""
    names: list[str] = []

    def noted(recipe: Any, out: Path, *arguments: Any, **given: Any) -> Path:
        names.append(out.name)
        return train(recipe, out, *arguments, **given)

    monkeypatch.setattr(ablation_module, "train", noted)
    return names


def ablation_of(out: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, ["bench", "ablation", "wu", "--out", str(out), "--device", "cpu", *arguments])


def test_rows_are_trained_scored_and_shown_beside_the_paper_and_never_trained_twice(small_echo, trained, tmp_path):
    answer = ablation_of(tmp_path, "--steps", "2", "--row", "k1")
    assert answer.exit_code == 0, answer.output
    assert trained == ["k1-2"]
    (info,) = available(tmp_path / "models" / "2-steps")
    assert (info.name, info.config["shared_encoder"]) == ("k1", True)

    answer = ablation_of(tmp_path, "--steps", "2", "--row", "k1", "--row", "k3", "--cases", "4")
    assert answer.exit_code == 0, answer.output
    assert trained == ["k1-2", "k3-2"]
    assert "k1: already trained for 2 steps" in answer.output
    text = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert text in answer.output
    header, _, k3, k1 = (line for line in text.splitlines() if line.startswith("|"))
    cells = dict(zip(header.split(" | "), k3.split(" | "), strict=True))
    assert cells["paper"] and "0.929" in k3 and "0.929" not in k1
    assert "4 pairs, 1 studies, 1 clips" in text and "for 2 steps on" in text
    assert re.search(r"k1 \| .* \| 2 \| \d+ \| 0\.\d{3} \|", k1)


def test_the_table_of_a_repeated_call_is_the_same_and_nothing_is_scored_again(
    small_echo, trained, tmp_path, monkeypatch
):
    run(WU, tmp_path, steps=2, rows=["k1"], device="cpu")
    first = (tmp_path / "table.json").read_text(encoding="utf-8"), (tmp_path / "table.md").read_text(encoding="utf-8")

    def fails(*_: Any) -> Any:
        raise AssertionError("scored again")

    monkeypatch.setattr(bench_echo, "segmented", fails)
    run(WU, tmp_path, steps=2, rows=["k1"], device="cpu")
    assert trained == ["k1-2"]
    again = (tmp_path / "table.json").read_text(encoding="utf-8"), (tmp_path / "table.md").read_text(encoding="utf-8")
    assert again == first


def test_an_interrupted_training_goes_on(small_echo, trained, tmp_path):
    begun = tmp_path / "runs" / "k1-4"
    train(RECIPES["echo-lv"].configured(k="1"), begun, steps=2, device="cpu")
    (result,) = run(WU, tmp_path, steps=4, rows=["k1"], device="cpu")
    assert trained == ["k1-4"] and result.steps == 4
    assert [json.loads(line)["step"] for line in (begun / "log.jsonl").read_text().splitlines()] == [2, 4]


def test_a_foreign_budget_is_not_mixed_in(small_echo, trained, tmp_path):
    run(WU, tmp_path, steps=2, rows=["k1"], device="cpu")
    results = run(WU, tmp_path, steps=4, rows=["k3"], device="cpu")
    assert [(found.row, found.steps) for found in results] == [("k3", 4)]
    assert "| k1 |" not in (tmp_path / "table.md").read_text(encoding="utf-8")
    assert [found.row for found in run(WU, tmp_path, steps=2, rows=["k3"], device="cpu")] == ["k3", "k1"]
    assert trained == ["k1-2", "k3-4", "k3-2"]

    train(RECIPES["echo-lv"].configured(k="1"), tmp_path / "runs" / "k1-3", steps=6, device="cpu")
    with pytest.raises(RowsFailedError, match="k1"):
        run(WU, tmp_path, steps=3, rows=["k1"], device="cpu")
    assert "has 6 steps, not 3" in (tmp_path / "table.md").read_text(encoding="utf-8")


def test_released_weights_are_scored_in_the_rows_that_need_no_training(trained, tmp_path, monkeypatch):
    models = tmp_path / "models"
    write_weights(a_network(), "cstm-mine", models, "for tests", "a tiny network")
    monkeypatch.setenv("MEDVOS_MODELS", str(models))
    scored: list[tuple[str, str]] = []

    def score(row, info, judging):
        scored.append((row.name, info.name))
        return Scores({"Dice mean": 0.5}, "1 patient", [0.5])

    cstm = replace(ABLATIONS["cstm"], score=score)
    found = run(cstm, tmp_path / "out", weights="cstm-mine", device="cpu")
    assert not trained
    assert scored == [(name, "cstm-mine") for name in ("plmm", "read-dense", "k1", "k2", "k8", "p2", "p8", "t3")]
    assert [result.steps for result in found] == [0] * len(scored)
    text = (tmp_path / "out" / "table.md").read_text(encoding="utf-8")
    assert "Released weights with SHA-256" in text and "trained for" not in text
    with pytest.raises(InputError, match="no row 'dense' that needs no training"):
        run(cstm, tmp_path / "out", rows=["dense"], weights="cstm-mine", device="cpu")
    with pytest.raises(InputError, match="cstm-yours"):
        run(cstm, tmp_path / "out", weights="cstm-yours", device="cpu")
    with pytest.raises(InputError, match="--weights or --steps, not both"):
        run(cstm, tmp_path / "out", weights="cstm-mine", steps=5, device="cpu")


def test_a_run_that_was_begun_with_other_options_is_no_row_s(small_echo, tmp_path):
    train(RECIPES["echo-lv"], tmp_path / "runs" / "k1-2", steps=2, device="cpu")
    with pytest.raises(RowsFailedError):
        run(WU, tmp_path, steps=2, rows=["k1"], device="cpu")
    assert "begun with another network" in (tmp_path / "table.md").read_text(encoding="utf-8")


def test_a_failed_row_is_told_and_the_next_one_follows(small_echo, tmp_path, monkeypatch):
    def breaks(recipe: Any, out: Path, *arguments: Any, **given: Any) -> Path:
        if out.name.startswith("k3"):
            raise RuntimeError("the weights\nexploded")
        return train(recipe, out, *arguments, **given)

    monkeypatch.setattr(ablation_module, "train", breaks)
    said: list[str] = []
    with pytest.raises(RowsFailedError, match=r"1 of 2 rows failed \(k3\)"):
        run(WU, tmp_path, steps=2, rows=["k1", "k3"], device="cpu", show=said.append)
    assert any("Traceback" in words and "exploded" in words for words in said)
    lines = [line for line in (tmp_path / "table.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert "failed: the weights exploded" in lines[2]
    assert "| k1 |" in lines[3] and "failed" not in lines[3]
    monkeypatch.setattr(ablation_module, "train", train)
    assert all(not found.error for found in run(WU, tmp_path, steps=2, rows=["k3"], device="cpu"))


def test_a_stopped_command_begins_no_other_row(small_echo, tmp_path, monkeypatch):
    """A worker that is stopped with its command raises an error of its own."""
    begun: list[str] = []

    def stopped(recipe: Any, out: Path, *arguments: Any, **given: Any) -> Path:
        begun.append(out.name)
        try:
            raise SystemExit(Cancelled.exit_code)
        except SystemExit:
            raise RuntimeError("DataLoader worker is killed by signal: Terminated.")  # noqa: B904

    monkeypatch.setattr(ablation_module, "train", stopped)
    with pytest.raises(Cancelled):
        run(WU, tmp_path, steps=2, rows=["k1", "k3"], device="cpu")
    assert len(begun) == 1


def test_wrong_words_are_told(small_echo, tmp_path):
    with pytest.raises(InputError, match="has no row 'k7'; choose from k3, k1, k5"):
        run(WU, tmp_path, rows=["k7"], device="cpu")
    answer = CliRunner().invoke(app, ["bench", "ablation", "unet", "--out", str(tmp_path)])
    assert answer.exit_code == 2 and "'unet' is not one of 'wu'" in re.sub(r"[\s│]+", " ", answer.output)
    (tmp_path / "table.json").write_text('{"model": "vivim", "results": []}')
    with pytest.raises(InputError, match="has the ablation of vivim"):
        run(WU, tmp_path, device="cpu")
    (tmp_path / "table.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read"):
        run(WU, tmp_path, device="cpu")


def test_the_time_of_a_run_is_that_of_all_its_starts(tmp_path):
    seconds = [10, 20, 30, 5, 8]
    rows = [json.dumps({"step": step, "seconds": value}) for step, value in enumerate(seconds)]
    (tmp_path / "log.jsonl").write_text("\n".join([*rows, '{"step": 5, "validation": {}}', ""]))
    assert seconds_of(tmp_path) == 38


@pytest.mark.parametrize("name", ABLATIONS)
def test_every_row_is_a_training_that_its_recipe_knows(name):
    ablation = ABLATIONS[name]
    assert ablation.model == name and ablation.row(ablation.rows[0].name) == ablation.rows[0]
    assert len({row.name for row in ablation.rows}) == len(ablation.rows)
    trainings = []
    for row in ablation.rows:
        recipe = RECIPES[row.recipe]
        assert set(row.options) <= set(recipe.options)
        assert set(row.paper) <= set(ablation.columns)
        of = ablation.trained(row)
        assert (of.recipe, of.options) == (row.recipe, row.options) and not of.weights
        if not row.weights:
            trainings.append(repr(recipe.configured(**row.options)))
    assert len(set(trainings)) == len(trainings)


def released(folder: Path, network: Any, kind: str) -> Any:
    write_weights(network, "row", folder, "for tests", "a tiny network")
    update_manifest(folder, "row", {"network": kind})
    return available(folder)[0]


def scores_of(name: str, folder: Path, network: Any, kind: str, row: str = "") -> Scores:
    ablation = ABLATIONS[name]
    info = released(folder, network, kind)
    with model_store(folder):
        scores = ablation.score(ablation.row(row or ablation.rows[0].name), info, Judging(None, 1, folder, CPU))
    assert set(ablation.columns) <= set(scores.metrics)
    return scores


def test_vivim_is_scored_without_a_drawing(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "acdc_cases", lambda *_: iter([a_case_that_is_its_own_truth()] * 2))
    scores = scores_of("vivim", tmp_path, a_vivim(), "vivim")
    assert scores.cases == "1 patients" and scores.paired == [scores.metrics["Dice mean"]]


def test_tcmn_is_scored_on_each_structure(tmp_path, monkeypatch):
    monkeypatch.setattr(echonet, "echonet_pairs", lambda *_: some_pairs())
    study, beat = a_camus_study(), a_beat()
    monkeypatch.setattr(structures, "camus_studies", lambda *_: iter([study]))
    monkeypatch.setattr(structures, "acdc_beats", lambda *_: iter([beat]))
    scores = scores_of("tcmn", tmp_path, a_tcmn(), "tcmn")
    assert scores.cases.startswith("1 pairs") and len(scores.paired) == 1


def test_mvo_is_compared_heart_by_heart(tmp_path, monkeypatch):
    mvo_world(monkeypatch)
    monkeypatch.setattr(patients, "LEAST_CORE", 1)
    scores = scores_of("mvo", tmp_path, an_mvo_network(TINY_MVO), "mvo")
    assert scores.cases == "3 simulated cores in 1 hearts" and len(scores.paired) == 1
    assert scores.paired[0] == pytest.approx(scores.metrics["Dice"])


def test_cstm_is_scored_with_other_patches_from_the_same_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "acdc_cases", lambda *_: iter([a_beat(3).whole_ends()]))
    monkeypatch.setattr(acdc_beats, "acdc_beats", lambda *_: iter([a_beat(3)]))
    found = [scores_of("cstm", tmp_path, a_network(), "cstm", row) for row in ("plmm", "read-dense")]
    plmm, dense = (scores.metrics["Dice mean"] for scores in found)
    assert dense != plmm
    switches = {field.name for kind in (CstmConfig, PropagationSettings) for field in fields(kind)}
    assert all(set(row.settings) <= switches for row in ABLATIONS["cstm"].rows)
