"""A folder of exports: whole or not at all."""

from __future__ import annotations

import errno
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from export_case import a_patient, a_result_of, an_enhanced_patient, numbers, obstructed

from medvos.cine.read import read
from medvos.errors import InputError
from medvos.export import Form, export
from medvos.measure.subject import Subject
from medvos.result import Result


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_patient(tmp_path_factory.mktemp("patient") / "dicom", PatientName="Doe Jr^Jane")


@pytest.fixture(scope="module")
def result(patient: Path) -> Result:
    return a_result_of(read(patient))


@pytest.mark.parametrize("form", Form)
def test_every_form_writes_the_files_that_it_names_and_no_others(
    form: Form, result: Result, patient: Path, tmp_path: Path
):
    files = export(result, form, tmp_path / "out", patient)
    assert sorted((tmp_path / "out").iterdir()) == files and all(file.stat().st_size for file in files)
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


@pytest.mark.parametrize("form", [Form.STL, Form.SEG_NRRD, Form.DICOM_SEG])
def test_what_an_earlier_export_left_of_other_phases_and_structures_goes(
    form: Form, result: Result, patient: Path, tmp_path: Path
):
    export(result, form, tmp_path, patient)
    phases = len(result.labels)
    of_last = next(path for path in tmp_path.iterdir() if f"{phases - 1:02d}" in path.name)
    earlier = of_last.with_name(of_last.name.replace(f"{phases - 1:02d}", f"{phases + 3:02d}"))
    earlier.write_bytes(of_last.read_bytes())
    own = of_last.with_name(of_last.name.replace(f"{phases - 1:02d}", f"{phases + 4:02d}"))
    own.write_bytes(b"not written by medvos")
    copy = of_last.with_name(f"P001-{of_last.name}")  # renamed by the user
    copy.write_bytes(of_last.read_bytes())
    files = export(result, form, tmp_path, patient)
    assert sorted(tmp_path.iterdir()) == sorted([*files, own, copy])


def test_the_whole_beat_as_nifti(result: Result, tmp_path: Path):
    (file,) = export(result, Form.NIFTI, tmp_path / "out")
    np.testing.assert_array_equal(read(file).array, result.labels)


@pytest.mark.parametrize("form", [Form.DICOM_SEG, Form.DICOM_SR])
def test_dicom_without_its_images_is_refused(form: Form, result: Result, tmp_path: Path):
    with pytest.raises(InputError, match="give the folder of their files"):
        export(result, form, tmp_path / "out")
    with pytest.raises(InputError, match="gone does not exist"):
        export(result, form, tmp_path / "out", tmp_path / "gone")
    assert not list(tmp_path.iterdir())


def test_a_report_has_the_facts_of_the_images_unless_only_those_given_are_known(
    result: Result, patient: Path, tmp_path: Path
):
    stated, given = Subject(heart_rate=result.cine.source.heart_rate), Subject(heart_rate=90.0)

    def output(name: str, **options: Any) -> float | None:
        (file,) = export(result, Form.DICOM_SR, tmp_path / name, patient, **options)
        number = numbers(file).get("Cardiac Output")
        return None if number is None else float(number.MeasuredValueSequence[0].NumericValue)

    as_stated = output("stated")
    assert as_stated is not None and as_stated == output("same", subject=stated, only_subject=True)
    assert output("given", subject=given) == output("only", subject=given, only_subject=True) != as_stated
    assert output("cleared", subject=Subject(), only_subject=True) is None


def test_nifti_with_a_predicted_obstruction_says_what_it_is_worth(result: Result, tmp_path: Path):
    (file,) = export(obstructed(result), Form.NIFTI, tmp_path / "with")
    assert b"not validated on patients, research only" in nibabel.load(file).header["descrip"].item()
    (file,) = export(result, Form.NIFTI, tmp_path / "without")
    assert not nibabel.load(file).header["descrip"].item()


@pytest.mark.parametrize("form", [Form.DICOM_SEG, Form.NIFTI])
@pytest.mark.parametrize("inside", [".", "exports", "a/b"])
def test_nothing_is_written_among_the_images(inside: str, form: Form, result: Result, patient: Path):
    before = sorted(patient.rglob("*"))
    with pytest.raises(InputError, match="among the DICOM images"):
        export(result, form, patient / inside, patient)
    assert sorted(patient.rglob("*")) == before


def test_nothing_is_written_beside_a_file_that_has_all_images(tmp_path: Path):
    file = an_enhanced_patient(tmp_path / "patient.dcm")
    of_file = a_result_of(read(file))
    with pytest.raises(InputError, match="among the DICOM images"):
        export(of_file, Form.DICOM_SEG, file.parent, file)
    assert export(of_file, Form.DICOM_SEG, file.parent / "seg", file)


def test_labels_without_any_voxel_are_refused(result: Result, tmp_path: Path):
    with pytest.raises(InputError, match="No voxel is labelled"):
        export(replace(result, labels=np.zeros_like(result.labels)), Form.STL, tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", [Form.DICOM_SEG, Form.STL])
def test_a_disk_that_fills_up_leaves_what_was_there(
    form: Form, result: Result, patient: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "out"
    before = {file.name: file.read_bytes() for file in export(result, form, out, patient)}
    room = [3]

    def filling(write):
        def limited(*arguments, **options):
            room[0] -= 1
            if room[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(*arguments, **options)

        return limited

    monkeypatch.setattr(Path, "write_bytes", filling(Path.write_bytes))
    labels = result.labels.copy()
    labels[:, :, 0, 0] = 3
    with pytest.raises(InputError, match=r"\(no space left on device\); make room"):
        export(replace(result, labels=labels), form, out, patient)
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before


def test_no_name_is_logged_or_in_a_file_name(
    result: Result, patient: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
):
    with caplog.at_level(logging.DEBUG):
        files = [file for form in Form for file in export(result, form, tmp_path / form, patient)]
    reported = [caplog.text, *(str(one.message) for one in recwarn), *(file.name for file in files)]
    assert not any(word in text for text in reported for word in ("Doe", "Jane"))


def test_a_missing_package_is_named(result: Result, patient: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"needs the package highdicom, .*pip install 'highdicom"):
        export(result, Form.DICOM_SEG, tmp_path / "out", patient)
