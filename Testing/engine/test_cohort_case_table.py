from __future__ import annotations

from pathlib import Path

import pytest
from cohort_files import write_table

from medvos.cohort.case import Case
from medvos.cohort.case_table import read_table
from medvos.errors import InputError

HEADING = "case,input,seed,phase\n"


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "cases.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_paths_count_from_the_table(tmp_path: Path, separator: str):
    rows = (
        {"case": "one", "input": "one/dicom", "seed": "one/seed.nii.gz", "phase": 3},
        {"case": "two", "input": "/far/two.nii.gz", "seed": "two.nii.gz", "truth": "truth.nii.gz"},
    )
    table = write_table(tmp_path / "cases.csv", *rows, separator=separator)
    assert read_table(table) == [
        Case("one", tmp_path / "one/dicom", tmp_path / "one/seed.nii.gz", 3),
        Case("two", Path("/far/two.nii.gz"), tmp_path / "two.nii.gz", None, tmp_path / "truth.nii.gz"),
    ]


def test_what_a_spreadsheet_does_to_a_table_is_read(tmp_path: Path):
    text = "\ufeffcase, input ,age,seed,phase\n 1 ,a,64,s,2.0\n\n2,b,70,s,\n"
    cases = read_table(written(tmp_path, text))
    assert [(case.name, case.phase) for case in cases] == [("1", 2), ("2", None)]


def test_a_case_without_a_seed_is_still_a_case(tmp_path: Path):
    assert read_table(written(tmp_path, HEADING + "one,a,,\n"))[0].seed is None


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("", "no column 'case'"),
        ("case,input,phase\none,a,0\n", "no column 'seed'"),
        (HEADING, "lists no case"),
        (HEADING + "one,a,s,0\none,b,s,0\n", "'one' is listed twice"),
        (HEADING + "one,,s,0\n", "Line 2 of cases.csv has no input"),
        (HEADING + "one,a,s,ED\n", "the phase 'ED'"),
        (HEADING + "one,a,s,1.5\n", "the phase '1.5'"),
        (HEADING + "one,a,s,0,more\n", "more cells"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str, reported: str):
    with pytest.raises(InputError) as refusal:
        read_table(written(tmp_path, text))
    assert reported in str(refusal.value)


def test_other_encodings_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="UTF-8"):
        read_table(written(tmp_path, HEADING + "Jörg,a,s,0\n", "latin-1"))
    with pytest.raises(InputError, match=r"UTF-8|no column"):
        read_table(written(tmp_path, HEADING + "one,a,s,0\n", "utf-16"))
