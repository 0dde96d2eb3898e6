from __future__ import annotations

from pathlib import Path

import pytest
from full_disk import no_room

from medvos.cohort.place import MARK, claim
from medvos.errors import InputError


def test_a_folder_is_made_and_can_be_claimed_again(tmp_path: Path):
    out = tmp_path / "a" / "b"
    claim(out, [tmp_path / "cine"])
    (out / "cohort.csv").touch()
    claim(out, [tmp_path / "cine"])


def test_an_empty_folder_can_be_claimed(tmp_path: Path):
    claim(tmp_path, [])
    assert (tmp_path / MARK).is_file()


@pytest.mark.parametrize("mark", [None, "{}", "[]", "no json"])
def test_a_folder_of_something_else_is_refused_and_stays_as_it_is(tmp_path: Path, mark: str | None):
    (tmp_path / "thesis.txt").write_text("mine")
    if mark is not None:
        (tmp_path / MARK).write_text(mark)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match="not of a cohort"):
        claim(tmp_path, [])
    assert sorted(tmp_path.iterdir()) == before
    assert mark is None or (tmp_path / MARK).read_text() == mark


def test_a_folder_inside_an_input_is_refused(tmp_path: Path):
    (tmp_path / "link").symlink_to(tmp_path)
    for out in (tmp_path, tmp_path / "results", tmp_path / "link" / "results"):
        with pytest.raises(InputError, match="inside the input"):
            claim(out, [tmp_path])
    assert not (tmp_path / "results").exists()


def test_a_full_disk_leaves_a_cohort_that_can_go_on(tmp_path: Path):
    claim(tmp_path, [])
    (tmp_path / "cases").mkdir()
    with no_room(), pytest.raises(InputError, match="make room"):
        claim(tmp_path, [])
    claim(tmp_path, [])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["cases", MARK]


def test_a_file_in_its_place_is_refused(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Cannot write"):
        claim(tmp_path / "file", [])
