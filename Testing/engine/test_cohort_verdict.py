from __future__ import annotations

import os

import pytest

from medvos.cohort.child import Ended
from medvos.cohort.verdict import why_it_failed

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
    assert "was killed, perhaps for want of memory" in why(-9)
    assert "crashed (SIGSEGV)" in why(-11, "Fatal Python error: Segmentation fault")


def test_the_time_limit_is_told():
    assert why(-15, timed_out=True).startswith("It was ended after 60 s")
