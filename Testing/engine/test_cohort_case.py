from __future__ import annotations

import pytest

from medvos.cohort.case import check_names
from medvos.errors import InputError


def test_names_of_any_script_with_spaces_are_good():
    check_names(["Fall 1", "症例二", "P-003", "a.b"])


@pytest.mark.parametrize("names", [["a", "a"], ["Anna", "anna"], ["caf\u00e9", "cafe\u0301"]])
def test_two_names_that_one_folder_would_hold_are_refused(names: list[str]):
    with pytest.raises(InputError, match="listed twice"):
        check_names(names)


@pytest.mark.parametrize("name", ["../up", "a/b", "a\\b", ".hidden", "dot.", "line\nbreak", "why?", "..", "C:"])
def test_a_name_that_is_no_folder_is_refused(name: str):
    with pytest.raises(InputError, match="cannot be the name of a folder"):
        check_names([name])


def test_an_empty_and_an_endless_name_are_refused():
    with pytest.raises(InputError, match="has no name"):
        check_names([""])
    with pytest.raises(InputError, match="too long"):
        check_names(["é" * 101])
