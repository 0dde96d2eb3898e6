from __future__ import annotations

from pathlib import Path

import pytest
from full_disk import no_room

from medvos.cohort.record import FILE, Made, read_made, write_made

MADE = Made({"input": "a", "seed": "b", "phase": None, "model": "c", "medvos": "1"}, 12.5, None, "d")


def test_what_was_written_is_read_and_nothing_is_left_beside_it(tmp_path: Path):
    write_made(tmp_path, MADE)
    assert read_made(tmp_path) == MADE
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "other"}', '{"schema": "medvos-case-1", "more": 1}'])
def test_what_is_no_record_is_none(tmp_path: Path, text: str):
    (tmp_path / FILE).write_text(text)
    assert read_made(tmp_path) is None


def test_without_a_file_there_is_none(tmp_path: Path):
    assert read_made(tmp_path) is None


def test_a_full_disk_leaves_what_was_there_and_nothing_else(tmp_path: Path):
    write_made(tmp_path, MADE)
    with no_room(), pytest.raises(OSError, match="too large"):
        write_made(tmp_path, MADE)
    assert read_made(tmp_path) == MADE
    assert [file.name for file in tmp_path.iterdir()] == [FILE]
