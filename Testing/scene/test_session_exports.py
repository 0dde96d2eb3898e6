from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from medvos.cine.read import read
from medvos.errors import InputError
from medvos.result import Result
from medvos.structures import MVO, MYO
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.session.exports import EXPORTS, NO_DICOM, export


@pytest.fixture(scope="module")
def result(small_heart: SyntheticHeart) -> Result:
    shape = small_heart.labels.shape
    seeds = np.zeros(shape[:2], bool)
    seeds[0, 3] = True
    provenance = {"model": "cstm", "device": "cpu", "seconds": 1.0, "terms": "for anyone", "notes": []}
    uncertainty, scores = np.zeros(shape, np.float32), np.zeros(shape[:2], np.float32)
    return Result(small_heart.cine, small_heart.labels, uncertainty, scores, seeds, provenance)


@pytest.mark.parametrize("name", [each.name for each in EXPORTS if not each.is_dicom])
def test_an_export_writes_the_files_that_it_names_and_no_others(name: str, result: Result, tmp_path: Path):
    files = export(name, result, tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(files)
    assert all(file.stat().st_size for file in files)


def test_the_segmentation_is_read_back_as_it_was(result: Result, tmp_path: Path):
    (file,) = export("segmentation", result, tmp_path)
    np.testing.assert_array_equal(read(file).array, result.labels)


def test_the_segmentation_bears_the_notice_of_obstruction(result: Result, tmp_path: Path):
    labels = np.where(result.labels == MYO, np.uint8(MVO), result.labels)
    (file,) = export("segmentation", replace(result, labels=labels), tmp_path)
    assert b"not validated on patients" in nibabel.load(file).header["descrip"].item()


def test_the_report_tells_the_seeds(result: Result, tmp_path: Path):
    export("results", result, tmp_path)
    document = json.loads((tmp_path / "report.json").read_text())
    assert document["provenance"]["seeds"] == [{"phase": 0, "slice": 3}]


@pytest.mark.parametrize("name", [each.name for each in EXPORTS if each.is_dicom])
def test_dicom_needs_images_that_are_known(name: str, result: Result, tmp_path: Path):
    with pytest.raises(InputError, match=NO_DICOM):
        export(name, result, tmp_path)
    gone = replace(result.cine.source, kind="dicom", path=str(tmp_path / "gone"))
    with pytest.raises(InputError, match="gone does not exist"):
        export(name, replace(result, cine=replace(result.cine, source=gone)), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_label_says_what_a_button_does():
    assert len({each.label for each in EXPORTS}) == len(EXPORTS)


def test_an_unknown_export_is_refused(result: Result, tmp_path: Path):
    with pytest.raises(InputError, match="no export dicom; choose one of results, report"):
        export("dicom", result, tmp_path)


def test_a_missing_folder_is_refused(result: Result, tmp_path: Path):
    with pytest.raises(InputError, match="nowhere is not a folder"):
        export("volumes", result, tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["volumes", "report"])
def test_a_place_that_cannot_be_written_is_refused_and_left_clean(name: str, result: Result, tmp_path: Path):
    (tmp_path / "volumes.csv").mkdir()
    (tmp_path / "report.html").mkdir()
    with pytest.raises(InputError, match="choose another"):
        export(name, result, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "volumes.csv"]
