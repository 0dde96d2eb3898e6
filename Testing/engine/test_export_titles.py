from __future__ import annotations

from types import SimpleNamespace

import pytest

from medvos.export.titles import LONGEST, title_of
from medvos.result import OWN_NAMES


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
