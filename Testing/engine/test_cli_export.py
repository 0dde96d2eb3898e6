"""``medvos export`` as another program runs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pydicom
import pytest
from export_case import a_patient, a_result_of, numbers
from medvos_command import Medvos

from medvos.cine.read import read
from medvos.report.write_results import write_results


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``dicom`` and ``result``."""
    folder = tmp_path_factory.mktemp("case")
    write_results(a_result_of(read(a_patient(folder / "dicom"))), folder / "result")
    return folder


def test_a_segmentation_is_written_for_every_phase(case: Path, medvos: Medvos, tmp_path: Path):
    out = tmp_path / "out"
    done = medvos("export", case / "result", "--to", "dicom-seg", "--out", out, "--source", case / "dicom")
    assert done.returncode == 0 and "5 files, segmentation-phase-00.dcm to segmentation-phase-04.dcm" in done.stdout
    assert not done.stderr
    data = pydicom.dcmread(out / "segmentation-phase-03.dcm")
    labels = read(case / "result" / "segmentation.nii.gz").array
    assert data.pixel_array.sum() == np.count_nonzero(labels[3])


def test_images_that_are_gone_are_one_line(case: Path, medvos: Medvos, tmp_path: Path):
    done = medvos("export", case / "result", "--to", "dicom-sr", "--out", tmp_path / "o", "--source", tmp_path / "gone")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "gone does not exist" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_report_has_the_phases_and_the_person_that_a_reader_states(case: Path, medvos: Medvos, tmp_path: Path):
    stated = ("--ed", 1, "--es", 2, "--height", 180, "--weight", 80, "--known-shunt")
    source = ("--out", tmp_path / "sr", "--source", case / "dicom")
    done = medvos("export", case / "result", "--to", "dicom-sr", *source, *stated)
    assert done.returncode == 0, done.stderr
    expected = json.loads(medvos("measure", case / "result", *stated, "--json").stdout)["measures"]
    found = numbers(tmp_path / "sr" / "measurements.dcm")
    for name, meaning in (("LVEDV", "Left Ventricular ED Volume"), ("LVEDVI", "LVEDVI")):
        value = float(found[meaning].MeasuredValueSequence[0].NumericValue)
        assert value == pytest.approx(expected[name]["value"], abs=1e-3)
    refused = medvos("export", case / "result", "--to", "stl", "--out", tmp_path / "stl", "--ed", 1)
    assert refused.returncode == 2 and "dicom-sr alone" in refused.stderr


def test_a_result_is_not_written_over_itself(case: Path, medvos: Medvos):
    before = (case / "result" / "segmentation.nii.gz").read_bytes()
    done = medvos("export", case / "result", "--to", "nifti", "--out", case / "result")
    assert done.returncode == 2 and "choose another folder for --out" in done.stderr
    assert (case / "result" / "segmentation.nii.gz").read_bytes() == before
