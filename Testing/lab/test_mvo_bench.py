"""Networks that predict obstruction, side by side on a small simulated world."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.io import imread
from tiny_mvo import TINY_MVO, TINY_UNET, a_core, a_heart_slice, an_mvo_network
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.models.mvo.config import MvoConfig
from medvos.models.networks import load_mvo
from medvos.models.store import resolve
from medvos.mvo_notice import NOTICE
from medvos_lab.bench.sheets import TRUTH_COLOUR
from medvos_lab.mvo import bench as bench_mvo
from medvos_lab.mvo import patients, wall_grey
from medvos_lab.mvo.patients import SimulatedPatient, by_patient, simulated
from medvos_lab.mvo.predictions import PatientPrediction
from medvos_lab.mvo.sheet import GAP_PX, ZOOM, obstruction_sheet
from medvos_lab.mvo.validate import validate
from medvos_lab.release import update_manifest, write_weights

CPU = torch.device("cpu")


@pytest.fixture
def a_small_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two hearts of two slices; `mvo` and the U-Net are at hand."""
    monkeypatch.setattr(patients, "NETWORK_SIDE", 32)
    monkeypatch.setattr(patients, "SIDE", 37)
    monkeypatch.setattr(patients, "LEAST_CORE", 1)
    monkeypatch.setattr(patients, "load_slices", lambda *_: some_slices())
    monkeypatch.setattr(patients, "emidec_cores", lambda *_: [a_core()])
    monkeypatch.setattr(wall_grey, "load_slices", lambda *_: some_slices())
    monkeypatch.setattr(wall_grey, "emidec_cores", lambda *_: [a_core()])
    monkeypatch.setattr(bench_mvo, "in_small_components", lambda *_: [0.0, 0.04])
    monkeypatch.setattr(bench_mvo, "ASKED", (5, 10))
    store(tmp_path / "models", "mvo", TINY_MVO)
    store(tmp_path / "models", "mvo-unet", TINY_UNET)
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))


def some_slices() -> list:
    return [a_heart_slice(name, z) for name in ("patient061", "patient064") for z in (0.4, 0.6)]


def store(folder: Path, name: str, config: MvoConfig) -> None:
    write_weights(an_mvo_network(config), name, folder, "for tests", "a tiny network")
    update_manifest(folder, name, {"network": "mvo", "calibration": {"chance": [0.0, 1.0, 0.0], "slice": [0.0, 1.0]}})


def test_networks_stand_side_by_side_and_what_is_not_at_hand_says_how_to_get_it(a_small_world, tmp_path):
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["bench", "mvo", "--out", str(out), "--cases", "1", "--device", "cpu"])
    assert done.exit_code == 0, done.output
    table = (out / "mvo.md").read_text(encoding="utf-8")
    assert "p against `mvo`" in table and "Dice of 1 hearts" in table and "`mvo-unet` " in table
    assert "| Dice, no contrast |" in table and "| attention in % of the fused maps |" in table
    assert NOTICE in table and "1 ACDC validation hearts" in table and table in done.output
    assert "EMIDEC's 2 patients 2.0 % lies in components" in table
    assert "in the median heart with a real infarct (2 of ACDC)" in table and "with a simulated infarct (2, p" in table
    assert "| mvo-no-motion | not at hand |" in table
    assert "`medvos train mvo --without motion --steps 3500 --out runs/mvo-no-motion`" in table
    assert "| mvo-unet | not at hand |" not in table
    with (out / "mvo.csv").open() as file:
        rows = list(csv.DictReader(file))
    scored = [(row["model"], row["frames"]) for row in rows if row["Dice"]]
    assert scored == [("mvo", "10"), ("mvo-unet", "10"), ("mvo", "5")]
    assert {row["model"] for row in rows if not row["Dice"]} == {
        *("mvo-vivim", "mvo-no-static", "mvo-no-motion", "mvo-no-guided", "mvo-no-convolved", "mvo-no-refined"),
        "mvo-5-frames",
    }
    assert {path.name for path in out.glob("*.png")} == {"mvo.png", "mvo-unet.png"}
    assert "worst patient061" in table and imread(out / "mvo.png").ndim == 3


def test_the_metrics_are_those_of_the_card(a_small_world, tmp_path, monkeypatch):
    monkeypatch.setattr(bench_mvo, "ASKED", ())
    row, _ = bench_mvo.run(None, tmp_path / "out", 1, device="cpu")
    network = load_mvo(resolve("mvo", "mvo"), CPU)
    expected, _ = validate(network, None, tmp_path, CPU, 1)
    del expected["hearts"], expected["real infarcts"]
    assert {name: row.metrics[name] for name in expected} == pytest.approx(expected, nan_ok=True)
    assert row.frames == 10 and 0 <= row.metrics["ECE"] <= 1


def test_a_heart_has_the_same_infarct_in_the_same_beat_however_many_frames_show_it(a_small_world):
    (heart, _) = by_patient(some_slices())
    few, many = (simulated(heart, [a_core()], "LAD", frames) for frames in (5, 10))
    assert few.frames.shape[:2] == (2, 5) and many.frames.shape[:2] == (2, 10) and few.core.any()
    assert torch.equal(few.core, many.core)
    torch.testing.assert_close(few.frames, many.frames[:, ::2], atol=0.08, rtol=0)


def test_without_weights_it_says_how_to_get_them(tmp_path, monkeypatch):
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {}, "aliases": {}}))
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    with pytest.raises(InputError, match="medvos train mvo"):
        bench_mvo.run(None, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_sheet_shows_each_patient_bare_and_with_truth_and_prediction():
    wall = np.zeros((2, 32, 32), bool)
    wall[:, 8:24, 8:24] = True
    core, probability = np.zeros_like(wall), np.zeros(wall.shape, np.float32)
    core[0, 9:15, 9:15] = True
    probability[1, 16:22, 16:22] = 0.9
    patient = SimulatedPatient(torch.full((2, 5, 32, 32), 0.5), torch.from_numpy(wall), torch.from_numpy(core))
    prediction = PatientPrediction(probability, np.zeros_like(probability), core, wall, 4)
    one = SimulatedPatient(patient.frames[:1], patient.wall[:1], patient.core[:1])
    small = PatientPrediction(probability[:1], probability[:1], core[:1], wall[:1], 4)
    sheet = obstruction_sheet([(patient, prediction), (one, small)])
    side = ZOOM * 28
    assert sheet.shape == (4 * side + GAP_PX, 2 * side, 3)
    assert (sheet[:side] == 127).all()
    first, second = sheet[side : 2 * side, :side], sheet[side : 2 * side, side:]
    coloured = [np.ptp(tile, axis=-1) > 0 for tile in (first, second)]  # a pixel that is not grey
    assert coloured[1].sum() == 36 * ZOOM**2 and not coloured[0].any()
    assert (first == TRUTH_COLOUR).all(-1).any() and not (second == TRUTH_COLOUR).all(-1).any()
