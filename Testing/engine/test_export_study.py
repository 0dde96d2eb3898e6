"""What new objects state of patient and study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from cine_files import write_dicom
from export_case import SCANNER

from medvos.export.study import study_of

IMAGE = np.zeros((20, 24), np.uint16)


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 100", "Müller^Jürgen"),
        ("ISO_IR 144", "Иванова^Анна"),
        ("ISO_IR 192", "王^小東=Wang^Xiaodong"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎"),
    ],
)
def test_a_name_in_any_script_is_written_as_it_was_read(charset: str | list[str], name: str, tmp_path: Path):
    path = write_dicom(tmp_path / "a.dcm", IMAGE, SpecificCharacterSet=charset, PatientName=name, **SCANNER)
    study = study_of(path)
    study.file_meta = pydicom.dcmread(path).file_meta
    study.save_as(tmp_path / "b.dcm")
    again = pydicom.dcmread(tmp_path / "b.dcm", force=True)
    assert str(again.PatientName) == name and again.SpecificCharacterSet == charset


@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")  # the values are invalid on purpose
def test_dates_times_and_sexes_that_are_none_become_unknown(tmp_path: Path):
    tags = SCANNER | {"PatientBirthDate": "00000000", "StudyDate": "20120000", "StudyTime": "99", "PatientSex": "?"}
    study = study_of(write_dicom(tmp_path / "a.dcm", IMAGE, **tags))
    assert [study[name].value for name in ("PatientBirthDate", "StudyDate", "StudyTime", "PatientSex")] == [
        "",
        "",
        "",
        "",
    ]


def test_what_the_image_does_not_say_is_empty(tmp_path: Path):
    study = study_of(write_dicom(tmp_path / "a.dcm", IMAGE))
    assert study.StudyDate == study.AccessionNumber == study.ReferringPhysicianName == ""
    assert study.PatientID == "P1" and "StudyDescription" not in study
