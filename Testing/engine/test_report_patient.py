"""Who the patient is, where a report is to say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from export_case import a_patient

from medvos.cine.cine import Cine
from medvos.cine.read import read
from medvos.errors import InputError
from medvos.report.patient import NOT_STATED, Patient, _date, patient_of


def a_cine(folder: Path, **tags: str) -> Cine:
    return read(a_patient(folder / "dicom", **tags))


def test_name_id_sex_and_age_are_those_of_the_files(tmp_path: Path):
    cine = a_cine(tmp_path, PatientName="Doe^Jane^Q", PatientID="4711", PatientSex="F", PatientAge="047Y")
    assert [value for _, value in patient_of(cine).rows] == ["Doe, Jane Q", "4711", "female", "47 years", "2024-05-06"]


def test_a_name_in_several_scripts_is_told_in_all_of_them(tmp_path: Path):
    name = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    cine = a_cine(tmp_path, SpecificCharacterSet="ISO_IR 192", PatientName=name)
    assert patient_of(cine).name == "Yamada, Tarou · 山田, 太郎 · やまだ, たろう"


@pytest.mark.parametrize(
    ("character_set", "name", "shown"),
    [("ISO_IR 127", "قباني^لنزار", "قباني, لنزار"), ("ISO_IR 144", "Люкceмбypг", "Люкceмбypг")],
)
def test_names_in_older_character_sets_are_read(tmp_path: Path, character_set: str, name: str, shown: str):
    cine = a_cine(tmp_path, SpecificCharacterSet=character_set, PatientName=name)
    assert patient_of(cine).name == shown


def test_what_the_files_do_not_state_is_said(tmp_path: Path):
    cine = a_cine(tmp_path, PatientName="", PatientID="", PatientSex="", PatientAge="", StudyDate="")
    assert {value for _, value in patient_of(cine).rows} == {"not stated"}


def test_a_cine_that_is_not_dicom_has_no_patient(a_heart):
    with pytest.raises(InputError, match="Only DICOM files state the patient"):
        patient_of(a_heart.cine)


def test_files_that_are_gone_are_one_sentence_without_their_path(tmp_path: Path):
    cine = a_cine(tmp_path)
    for file in (tmp_path / "dicom").iterdir():
        file.unlink()
    with pytest.raises(InputError, match="first DICOM file") as error:
        patient_of(cine)
    assert str(tmp_path) not in str(error.value)


def test_a_date_without_day_and_month_is_not_stated():
    assert _date("20120000") == NOT_STATED
    assert _date("20120229") == "2012-02-29"


def test_what_the_files_do_not_state_of_the_person_is_left_to_what_the_user_gives():
    rows = Patient("Doe, Jane", "7", NOT_STATED, "44 years").rows
    assert [name for name, _ in rows] == ["patient", "ID", "age", "date of study"]
