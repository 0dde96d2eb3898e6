from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from medvos.export.titles import LONGEST, ascii_title_of, file_name_of, title_of
from medvos.result import OWN_NAMES


def named(title: str, *labels: int) -> SimpleNamespace:
    """Return a result of a heart, a structure 4 of the reader's and further ``labels``."""
    return SimpleNamespace(provenance={OWN_NAMES: {"4": title}}, labels=np.array([1, 2, 3, 4, *labels]))


@pytest.mark.parametrize(
    ("label", "named", "title"),
    [
        (3, {}, "LV"),
        (4, {}, "structure 4"),
        (4, {"4": "Aorta"}, "Aorta"),
        (5, {"4": "Aorta"}, "structure 5"),
        (4, {"4": "A\\B|C\n"}, "ABC"),
        (4, {"4": " \t"}, "structure 4"),
        (4, {"4": "x" * 200}, "x" * LONGEST),
    ],
)
def test_files_call_a_structure_as_the_reader_does_where_that_can_be_written(
    label: int, named: dict[str, str], title: str
):
    assert title_of(SimpleNamespace(provenance={OWN_NAMES: named}), label) == title


@pytest.mark.parametrize("title", ["LV", "lv wall", "Right ventricle", "Miocardio", "LV epi", "blood pool"])
def test_a_name_of_the_heart_is_not_given_to_another_structure(title: str):
    assert title_of(named(title), 4) == "structure 4"


@pytest.mark.parametrize(("title", "label"), [("Left atrium", 101), ("MVO", 100)])
def test_a_name_of_what_a_result_seldom_has_is_kept_where_it_has_none(title: str, label: int):
    assert title_of(named(title), 4) == title and title_of(named(title, label), 4) == "structure 4"


def test_names_for_dicom_are_ascii_and_those_of_files_hold_no_other_signs():
    result = named("Aurícula / izquierda..")
    assert ascii_title_of(result, 4) == "Auricula / izquierda.." and ascii_title_of(named("主动脉"), 4) == "structure 4"
    assert file_name_of(result, 4) == "structure-4-Aurícula-izquierda"
    assert [file_name_of(result, label) for label in (3, 5)] == ["LV", "structure-5"]
