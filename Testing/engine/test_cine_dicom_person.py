from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from medvos.cine.dicom_person import person_of


def a_file(**values: object) -> Dataset:
    data = Dataset()
    for keyword, value in values.items():
        setattr(data, keyword, value)
    return data


def test_sex_age_and_size_are_kept():
    data = a_file(PatientSex="F", PatientAge="045Y", PatientSize="1.68", PatientWeight="61.5")
    assert person_of(data) == {"sex": "F", "age_years": 45, "height_cm": pytest.approx(168), "weight_kg": 61.5}


def test_a_file_that_says_nothing_gives_nothing():
    assert set(person_of(Dataset()).values()) == {None}


@pytest.mark.parametrize(
    ("age", "years"), [("018M", 1), ("003W", 0), ("099Y", 90), ("45Y", None), ("0000", None), ("", None)]
)
def test_ages_are_whole_years_up_to_ninety(age, years):
    assert person_of({"PatientAge": age})["age_years"] == years


@pytest.mark.parametrize("values", [{"PatientSize": 0}, {"PatientSize": 168}, {"PatientWeight": "0"}])
def test_what_no_person_can_be_was_not_filled_in(values):
    assert set(person_of(values).values()) == {None}


def test_other_sexes_have_no_reference_ranges():
    assert person_of({"PatientSex": "O"})["sex"] is None


def test_damaged_numbers_do_not_cost_the_pictures():
    assert person_of({"PatientWeight": "heavy"})["weight_kg"] is None
