"""Finding the images of a result again, or saying what is wrong with them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from cine_files import write_clip
from export_case import a_patient, a_result_of

from medvos.cine.read import read
from medvos.errors import InputError
from medvos.export.source import on_source
from medvos.report.read_results import stored_result
from medvos.report.write_results import write_results
from medvos.result import Result


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_patient(tmp_path_factory.mktemp("patient") / "dicom")


@pytest.fixture(scope="module")
def stored(patient: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("result")
    write_results(a_result_of(read(patient)), folder)
    return stored_result(folder)


def test_a_stored_result_comes_back_onto_its_images(patient: Path, stored: Result):
    result = on_source(stored, patient)
    original = a_result_of(read(patient))
    np.testing.assert_array_equal(result.labels, original.labels)
    np.testing.assert_array_equal(result.cine.array, original.cine.array)
    assert result.cine.source.files[0][0].endswith("IM0001")


def test_images_in_an_archive_are_those_of_their_folder(patient: Path, stored: Result, tmp_path: Path):
    archive = shutil.make_archive(str(tmp_path / "patient"), "zip", patient)
    result = on_source(stored, Path(archive))
    np.testing.assert_array_equal(result.labels, on_source(stored, patient).labels)
    assert Path(result.cine.source.files[0][0]).name == "IM0001"


def test_images_that_were_moved_are_found_where_they_are_now(patient: Path, stored: Result, tmp_path: Path):
    for file in patient.iterdir():
        (tmp_path / f"{file.name}.dcm").write_bytes(file.read_bytes())
    assert on_source(stored, tmp_path).cine.source.digest == stored.cine.source.digest


def test_images_that_are_gone_are_refused(stored: Result, tmp_path: Path):
    with pytest.raises(InputError, match="nowhere does not exist: give the folder where"):
        on_source(stored, tmp_path / "nowhere")


@pytest.mark.parametrize("change", ["one pixel of one image", "another place", "a phase less"])
def test_changed_images_are_refused(change: str, stored: Result, tmp_path: Path):
    other = a_patient(
        tmp_path / "dicom",
        phases=4 if change == "a phase less" else 5,
        origin=(-90.0, -50.0, 20.0) if change == "another place" else (-100.0, -50.0, 20.0),
    )
    if change == "one pixel of one image":
        data = pydicom.dcmread(other / "IM0007")
        data.PixelData = b"\x01" + data.PixelData[1:]
        data.save_as(other / "IM0007")
    with pytest.raises(InputError, match="are not those that were segmented"):
        on_source(stored, other)


def test_another_patients_images_on_the_same_grid_are_refused(stored: Result, tmp_path: Path):
    other = a_patient(tmp_path / "dicom", RescaleSlope=2, PatientID="P2", PatientName="Roe^Richard")
    with pytest.raises(InputError, match="are not those that were segmented") as refused:
        on_source(stored, other)
    assert "Roe" not in str(refused.value)


def test_a_result_of_a_cine_that_was_no_dicom_is_told_by_its_grid(patient: Path, stored: Result, tmp_path: Path):
    converted = replace(stored, cine=replace(stored.cine, source=replace(stored.cine.source, kind="nifti", digest="")))
    assert on_source(converted, patient).cine.source.kind == "dicom"
    with pytest.raises(InputError, match="are not those"):
        on_source(converted, a_patient(tmp_path / "dicom", spacing=12.0))


def test_what_is_no_dicom_stack_is_refused(stored: Result, tmp_path: Path):
    write_clip(tmp_path / "clip.dcm", frames=5)
    with pytest.raises(InputError, match="ultrasound clip"):
        on_source(stored, tmp_path / "clip.dcm")
