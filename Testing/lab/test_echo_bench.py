from __future__ import annotations

import csv
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from a_camus_study import a_camus_study
from echo_files import store_echo_network
from test_echo_scores import a_clip, masks
from tiny_tcmn import a_tcmn, store_tcmn

from medvos.models.networks import load_tcmn
from medvos.models.store import available, resolve
from medvos_lab.cli.keep_calibrations import keep_calibrations
from medvos_lab.datasets.echonet import EchoPairs
from medvos_lab.echo import bench as bench_echo
from medvos_lab.recipe_types import constants
from medvos_lab.tcmn.validate import across, calibrate

CPU = torch.device("cpu")


@pytest.fixture
def little_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Three pairs and one clip; of the networks, echo-lv is at hand."""
    clip = a_clip()
    at = np.array([[0, 20], [40, 60], [3, 24]])
    monkeypatch.setattr(bench_echo, "echonet_pairs", lambda root: EchoPairs(clip.frames[at], masks()[at]))
    monkeypatch.setattr(bench_echo, "echonet_clips", lambda root: [clip])
    monkeypatch.setattr(bench_echo, "camus_studies", lambda root: iter([a_camus_study()]))
    store_echo_network(tmp_path / "models")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))


def test_methods_stand_side_by_side_and_what_is_not_at_hand_says_so(little_data, tmp_path: Path):
    rows = bench_echo.run(None, tmp_path / "out", ["copy", "tcmn", "echo-lv"], device="cpu")
    assert rows["tcmn"] is None
    assert np.isnan(rows["copy"]["Dice ED"]) and not np.isnan(rows["echo-lv"]["Dice ED"])
    truth = masks()
    expected = np.mean(
        [2 * truth[b].sum() / (truth[a].sum() + truth[b].sum()) for a, b in ((0, 20), (40, 60), (3, 24))]
    )
    assert rows["copy"]["Dice ES"] == pytest.approx(expected)
    assert rows["copy"]["EF bias"] < -50
    table = (tmp_path / "out" / "echo.md").read_text(encoding="utf-8")
    assert "| tcmn | no weights here |" in table and "CAMUS, Dice in 1 studies" in table
    assert np.isnan(rows["copy"].get("CAMUS LV ED", np.nan)) and 0 < rows["copy"]["CAMUS LA ES"] <= 1
    with (tmp_path / "out" / "echo.csv").open() as file:
        assert [row["method"] for row in csv.DictReader(file)] == ["copy", "tcmn", "echo-lv"]


def test_fewer_pairs_can_be_asked_for(little_data, tmp_path: Path):
    bench_echo.run(None, tmp_path / "out", ["copy"], pairs=2)
    assert "2 pairs" in (tmp_path / "out" / "echo.md").read_text(encoding="utf-8")


def test_a_network_that_follows_a_drawing_is_scored(little_data, tmp_path: Path):
    store_tcmn(tmp_path / "models", a_tcmn(), "tcmn")
    rows = bench_echo.run(None, tmp_path / "out", ["tcmn"], device="cpu")
    assert rows["tcmn"] is not None
    assert 0 <= rows["tcmn"]["Dice ES"] <= 1 and np.isnan(rows["tcmn"]["Dice ED"])
    assert rows["tcmn"]["Dice ED, clip 1"] == 1.0


def test_constants_are_those_of_each_network_on_the_pairs(little_data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pairs = bench_echo.echonet_pairs(None)
    for module in (import_module("medvos_lab.tcmn.validate"), import_module("medvos_lab.echo.pair_calibration")):
        monkeypatch.setattr(module, "echonet_pairs", lambda root: pairs)
    models = tmp_path / "models"
    store_tcmn(models, a_tcmn(), "tcmn")
    before = {info.name: info.calibration for info in available()}
    errors = keep_calibrations(None, ["tcmn"], "cpu")
    assert set(errors) == {"tcmn"} and 0 <= errors["tcmn"]["ECE, cross-fitted"] <= 1
    after = {info.name: info.calibration for info in available()}
    whole = [across(load_tcmn(resolve("tcmn", "tcmn"), CPU), pairs, start, CPU) for start in (0, 1)]
    expected = constants(calibrate(whole))
    assert after["tcmn"]["slice"] == expected["slice"] and after["tcmn"] != before["tcmn"]
    assert after["tcmn"]["voxel"] == pytest.approx(expected["voxel"], abs=0.2)  # other pixels are drawn by lot
    assert after["echo-lv"] == before["echo-lv"]
    assert set(keep_calibrations(None, [], "cpu")) == {"tcmn", "echo-lv"}
