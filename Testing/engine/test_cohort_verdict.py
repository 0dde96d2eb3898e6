from __future__ import annotations

import os
from pathlib import Path

import pytest

from medvos.cohort.case import Case
from medvos.cohort.child import Ended
from medvos.cohort.verdict import why_it_failed, without_names

TRACEBACK = """Traceback (most recent call last):
  File "engine.py", line 3, in run
    raise ValueError("JANE DOE")
numpy.exceptions.AxisError: JANE DOE has no axis
"""


def why(code: int, log: str = "", timed_out: bool = False) -> str:
    return why_it_failed(Ended(code, 60.4, 500.0, timed_out), log, "a/failed.log")


def test_what_the_engine_says_of_the_input_is_passed_on():
    assert why(2, "warning\nmedvos: The seed is empty: draw one.\n") == "The seed is empty: draw one."


def test_of_an_exception_only_the_kind_is_told():
    assert why(1, TRACEBACK) == "It ended unexpectedly (exit code 1, AxisError); see a/failed.log."


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_signals_are_named():
    assert "was killed, probably for lack of memory" in why(-9)
    assert "crashed (SIGSEGV)" in why(-11, "Fatal Python error: Segmentation fault")


def test_the_time_limit_is_told():
    assert why(-15, timed_out=True).startswith("It was ended after 60 s")


@pytest.mark.parametrize(
    ("reported", "stated"),
    [
        ("Doe, Jane does not exist: give a DICOM folder.", "The cine does not exist: give a DICOM folder."),
        ("jane.nii.gz is on another grid than Doe, Jane.", "The seed is on another grid than the cine."),
        ("The seed jane.nii.gz does not exist.", "The seed does not exist."),
        ("/scans/7 holds nothing.", "The truth holds nothing."),
        ("Phase 7 is out of range.", "Phase 7 is out of range."),
        ("Cannot write to jane.nii.gz2.", "Cannot write to jane.nii.gz2."),
    ],
)
def test_the_names_of_files_are_removed(reported: str, stated: str):
    case = Case("P-1", Path("/scans/Doe, Jane"), Path("/seeds/jane.nii.gz"), 7, Path("/scans/7"))
    assert without_names(reported, case) == stated


@pytest.mark.parametrize(
    ("reported", "stated"),
    [
        ("The seed x.nii.gz is on another grid.", "The seed is on another grid."),
        ("x.nii.gz is cut short.", "The cine is cut short."),
        ("The truth x.nii.gz is cut short.", "The truth is cut short."),
    ],
)
def test_files_of_one_name_are_told_apart(reported: str, stated: str):
    case = Case("P-1", *(Path(folder) / "x.nii.gz" for folder in ("scans", "seeds")), None, Path("truth/x.nii.gz"))
    assert without_names(reported, case) == stated


@pytest.mark.parametrize(
    ("reported", "stated"),
    [
        ("The seed P-12.nii.gz is on another grid.", "The seed P-12.nii.gz is on another grid."),
        ("Save it as P-12.nii.gz.", "Save it as P-12.nii.gz."),
        ("P-12 holds nothing.", "The cine P-12 holds nothing."),
        ("/Doe/P-12 holds nothing.", "The cine holds nothing."),
        ("P-12.Doe.nii.gz is cut short.", "The truth is cut short."),
    ],
)
def test_the_name_of_the_case_stays(reported: str, stated: str):
    case = Case("P-12", Path("/Doe/P-12"), Path("seeds/P-12.nii.gz"), None, Path("truth/P-12.Doe.nii.gz"))
    assert without_names(reported, case) == stated
