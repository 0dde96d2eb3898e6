"""Of how many patients a folder is."""

from __future__ import annotations

import pytest

from medvos.cine.dicom_patients import patients_in

DOE = {"PatientID": "00123", "PatientName": "Doe^Jane", "PatientBirthDate": "19500101"}


@pytest.mark.parametrize(
    "other",
    [
        {"PatientID": "123"},
        {"PatientID": "123^^^HOSPITAL", "PatientName": "Doe^Jane"},
        {"PatientID": " 00123 ", "PatientName": "DOE, JANE"},
        {"PatientName": "jane doe"},
        {"PatientName": "Doe^Jane", "PatientBirthDate": "19500101"},
        {"PatientBirthDate": "19500101"},
        {},
    ],
)
def test_one_patient_may_be_written_in_several_ways(other):
    assert patients_in([DOE, other]) == patients_in([other, DOE]) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"PatientID": "124"},
        {"PatientID": "124", "PatientName": "Doe^Jane", "PatientBirthDate": "19500101"},
        {"PatientName": "Roe^Jane"},
        {"PatientName": "Doe^Jane", "PatientBirthDate": "19600101"},
        {"PatientBirthDate": "19600101"},
    ],
)
def test_two_patients_stay_two(other):
    assert patients_in([DOE, other]) == patients_in([other, DOE]) == 2


def test_a_file_without_a_patient_id_does_not_make_two_patients_one():
    one, two, name = {"PatientID": "1", "PatientName": "ANON"}, {"PatientID": "2", "PatientName": "ANON"}, "ANON"
    assert patients_in([one, {"PatientName": name}, two]) == 2


def test_files_that_do_not_name_the_patient_are_of_none():
    assert patients_in([{}, {}]) == 0
