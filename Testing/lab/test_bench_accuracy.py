from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from labelled_heart import a_labelled_heart
from rich.console import Console
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos_lab.bench.accuracy import run


@pytest.fixture
def two_patients(tmp_path: Path) -> Path:
    """A data folder with two small patients in ACDC's form."""
    folder = tmp_path / "data" / "acdc"
    folder.mkdir(parents=True)
    case = a_labelled_heart()
    for number in (4, 9):
        image = case.cine.array[[2, 0]].astype(np.uint8)
        np.savez(folder / f"patient{number:03}.npz", image=image, label=case.labels[[2, 0]], frame=np.array([1, 9]))
    (folder / "patients.csv").write_text("patient,dx_mm,dy_mm,dz_mm\npatient004,1.5,1.5,8\npatient009,1.5,1.5,8\n")
    return folder.parent


def test_the_table_is_shown_and_written(two_patients: Path, tmp_path: Path):
    console = Console(record=True, width=200, quiet=False, file=StringIO())
    tables = run(two_patients, tmp_path / "out", ["copy", "flow"], data_sets=["acdc"], sheets=1, console=console)
    assert list(tables["acdc"]) == ["copy", "flow"]
    assert tables["acdc"]["flow"]["Dice mean"] > tables["acdc"]["copy"]["Dice mean"]
    assert "Dice LV" in console.export_text()
    assert "| flow |" in (tmp_path / "out" / "accuracy.md").read_text(encoding="utf-8")
    written = json.loads((tmp_path / "out" / "accuracy.json").read_text())
    assert written["acdc"]["copy"]["Dice LV"] == pytest.approx(tables["acdc"]["copy"]["Dice LV"])
    assert written["acdc"]["copy"]["AUROC"] is None
    with (tmp_path / "out" / "cases.csv").open() as file:
        assert [(r["method"], r["case"]) for r in csv.DictReader(file)] == [
            ("copy", "patient004"),
            ("copy", "patient009"),
            ("flow", "patient004"),
            ("flow", "patient009"),
        ]
    assert len(list((tmp_path / "out" / "worst").glob("acdc-*.png"))) == 2


def test_fewer_cases_can_be_asked_for(two_patients: Path, tmp_path: Path):
    tables = run(two_patients, tmp_path / "out", ["copy"], cases=1, data_sets=["acdc"], console=Console(quiet=True))
    assert tables["acdc"]["copy"]["cases"] == 1


def test_an_unknown_data_set_is_refused(two_patients: Path, tmp_path: Path):
    with pytest.raises(InputError, match="no data set 'mms'"):
        run(two_patients, tmp_path / "out", ["copy"], data_sets=["mms"])


def test_an_output_folder_that_is_a_file_is_refused(two_patients: Path, tmp_path: Path):
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="--out"):
        run(two_patients, tmp_path / "out", ["copy"], data_sets=["acdc"])


def test_an_unknown_model_is_reported_before_the_data_are_read_and_no_folder_is_made(tmp_path: Path):
    with pytest.raises(InputError, match="no weights of a model 'cstn' here"):
        run(tmp_path / "no data", tmp_path / "out", ["copy", "cstn"])
    assert not (tmp_path / "out").exists()


def test_without_data_no_folder_is_made(tmp_path: Path):
    with pytest.raises(InputError, match="no data set"):
        run(tmp_path / "no data", tmp_path / "out", ["copy"], sheets=1)
    assert not (tmp_path / "out").exists()


COMMANDS = {
    "accuracy": "acdc", "corrections": "acdc", "proposal": "acdc", "intervals": "acdc", "measures": "acdc",
    "echo": "echonet", "vivim": "acdc", "mvo": "acdc",
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_benchmark_without_its_data_leaves_no_folder(command, tmp_path: Path):
    (tmp_path / "data").mkdir()
    arguments = ["bench", command, "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    with pytest.raises(InputError, match=f"no data set at .*{COMMANDS[command]}"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("command", ["accuracy", "corrections", "proposal", "intervals", "vivim", "speed"])
def test_a_benchmark_of_an_unknown_model_leaves_no_folder(command, tmp_path: Path):
    data = [] if command == "speed" else ["--data", str(tmp_path / "no data")]
    arguments = ["bench", command, *data, "--model", "cstn", "--out", str(tmp_path / "out")]
    with pytest.raises(InputError, match="'cstn'"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert not any(tmp_path.iterdir())


def test_optical_flow_does_on_real_patients_what_others_found(data_folder: Path, tmp_path: Path):
    tables = run(
        data_folder, tmp_path / "out", ["copy", "flow"], cases=6, data_sets=["acdc"], console=Console(quiet=True)
    )
    flow, copied = tables["acdc"]["flow"], tables["acdc"]["copy"]
    assert flow["Dice mean"] == pytest.approx(0.81, abs=0.04)
    assert flow["Dice LV ED"] > flow["Dice LV ES"]
    assert copied["Dice mean"] < flow["Dice mean"] - 0.2
