"""A folder of results without its cine."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from medvos.errors import InputError
from medvos.measure.measure import measure
from medvos.report.folder import write_results
from medvos.report.stored import stored_result
from medvos.result import Result


@pytest.fixture
def folder(a_result: Result, tmp_path: Path) -> Path:
    write_results(a_result, tmp_path / "result")
    return tmp_path / "result"


def test_everything_but_the_pictures_comes_back(a_result: Result, folder: Path):
    result = stored_result(folder)
    np.testing.assert_array_equal(result.labels, a_result.labels)
    np.testing.assert_allclose(result.uncertainty, a_result.uncertainty)
    np.testing.assert_array_equal(result.seeds, a_result.seeds)
    np.testing.assert_allclose(result.cine.affine, a_result.cine.affine, atol=1e-4)
    np.testing.assert_allclose(result.cine.times, a_result.cine.times, atol=1e-3)
    assert result.cine.source.kind == a_result.cine.source.kind and result.provenance["model"] == "cstm"
    assert result.cine.array.shape == a_result.cine.shape and not result.cine.array.any()


def test_its_measures_are_those_of_the_report(folder: Path):
    told = json.loads((folder / "report.json").read_text())["measures"]
    for name, one in measure(stored_result(folder)).items():
        assert (one.value is None) == (told[name]["value"] is None)
        assert one.value is None or one.value == pytest.approx(told[name]["value"], rel=1e-4)
        assert (one.interval or ()) == pytest.approx(tuple(told[name]["interval"] or ()), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("name", ["segmentation.nii.gz", "uncertainty.nii.gz", "report.json"])
def test_a_folder_without_one_of_its_files_is_refused(name: str, folder: Path):
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"result has no {name}"):
        stored_result(folder)


def test_a_report_of_another_cine_is_refused(folder: Path):
    report = json.loads((folder / "report.json").read_text())
    report["curves"]["time_ms"].append(1e4)
    (folder / "report.json").write_text(json.dumps(report))
    with pytest.raises(InputError, match="of different cines"):
        stored_result(folder)


def test_a_damaged_report_is_refused(folder: Path):
    (folder / "report.json").write_text('{"curves": ')
    with pytest.raises(InputError, match=r"report\.json cannot be read"):
        stored_result(folder)
