from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from medvos.cine.fractions import STEPS
from medvos.errors import InputError
from medvos.measure.correction import FORMER_BANDS
from medvos.report.write_results import write_results
from medvos.result import Result
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.outcome import read_outcome


@pytest.fixture(scope="module")
def result(small_heart: SyntheticHeart) -> Result:
    rng = np.random.default_rng(0)
    scores = rng.random(small_heart.labels.shape[:2], np.float32)
    uncertainty = rng.random(small_heart.labels.shape, np.float32)
    provenance = {"model": "cstm", "device": "cpu", "seconds": 1.5, "terms": "for anyone", "notes": ["a note"]}
    return Result(small_heart.cine, small_heart.labels, uncertainty, scores, scores > 0.8, provenance)


@pytest.fixture(scope="module")
def written(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    write_results(result, folder)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(written, tmp_path / "results"))


def test_a_result_that_was_written_comes_back(folder: Path, result: Result):
    outcome = read_outcome(folder, result.cine)
    np.testing.assert_array_equal(outcome.labels, result.labels)
    np.testing.assert_allclose(outcome.uncertainty, result.uncertainty, atol=0.5 / STEPS + 1e-6)
    assert outcome.uncertainty.max() <= 1
    np.testing.assert_allclose(outcome.slice_scores, result.slice_scores, atol=1e-4)
    assert (outcome.labels.dtype, outcome.uncertainty.dtype) == (np.uint8, np.float32)


def test_the_report_comes_with_it(folder: Path, result: Result):
    outcome = read_outcome(folder, result.cine)
    report = json.loads((folder / "report.json").read_text())
    assert outcome.measures["LVEF"] == report["measures"]["LVEF"]
    assert set(outcome.phases) == {"ED", "ES"}
    assert outcome.provenance["notes"] == ["a note"]
    assert outcome.provenance[FORMER_BANDS]["LV"] == report["bands"]["LV_mL"]


def test_nothing_of_it_needs_the_folder_any_more(folder: Path, result: Result):
    outcome = read_outcome(folder, result.cine)
    for file in folder.iterdir():
        file.unlink()
    np.testing.assert_array_equal(outcome.labels, result.labels)


@pytest.mark.parametrize("name", ["segmentation.nii.gz", "uncertainty.nii.gz", "report.json"])
def test_a_missing_file_is_refused(folder: Path, result: Result, name: str):
    (folder / name).unlink()
    with pytest.raises((OSError, InputError), match=name):
        read_outcome(folder, result.cine)
