"""Read a cohort from a table: comma-separated text with a row for each case."""

from __future__ import annotations

import csv
from pathlib import Path

from medvos.cohort.case import Case, check_names
from medvos.errors import InputError

COLUMNS = ("case", "input", "seed", "phase")
SEPARATORS = ",;\t"


def read_table(path: Path) -> list[Case]:
    """Read the cases of a table with the columns case, input, seed and phase, in its order.

    The column truth is optional; others are ignored. The separator is the most frequent of comma, semicolon and tab in
    the heading, because spreadsheets of some languages write semicolons. Paths are relative to the table's folder.
    ``phase`` is empty for a 4D seed; a case with an empty ``seed`` is kept and fails when it is run.

    >>> [case.name for case in read_table(Path("cohort.csv"))]  # doctest: +SKIP
    ['patient001', 'patient002']

    Raises
    ------
    InputError: the file is not such a table, a column or an input is missing, or a case is listed twice.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"The table {path.name} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise InputError(f"The table {path.name} is not text in UTF-8; save it as CSV in UTF-8.") from error
    heading = lines[0] if lines else ""
    reader = csv.DictReader(lines, delimiter=max(SEPARATORS, key=heading.count), skipinitialspace=True)
    columns = [column.strip() for column in reader.fieldnames or ()]
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise InputError(
            f"The table {path.name} has no column '{missing[0]}'; its first line must name case,input,seed,phase "
            "and may name truth."
        )
    reader.fieldnames = columns
    try:
        cases = [_case(row, path, reader.line_num) for row in reader]
    except csv.Error as error:
        raise InputError(
            f"Line {reader.line_num} of {path.name} cannot be read as a row; save the table as CSV again."
        ) from error
    if not cases:
        raise InputError(f"The table {path.name} lists no case; add a line for each.")
    check_names(case.name for case in cases)
    return cases


def _case(row: dict[str | None, str | None], path: Path, line: int) -> Case:
    if None in row:
        raise InputError(f"Line {line} of {path.name} has more cells than its first line; put quotes round a comma.")
    cells = {column: (row.get(column) or "").strip() for column in (*COLUMNS, "truth")}
    if not cells["input"]:
        raise InputError(f"Line {line} of {path.name} has no input; give the DICOM folder or the file of its cine.")
    seed, truth = (path.parent / cells[column] if cells[column] else None for column in ("seed", "truth"))
    return Case(cells["case"], path.parent / cells["input"], seed, _phase(cells["phase"], path, line), truth)


def _phase(text: str, path: Path, line: int) -> int | None:
    """Read a phase; spreadsheets write 2.0 for 2 if other cells of the column are empty."""
    if not text:
        return None
    try:
        return int(text.removesuffix(".0"))
    except ValueError as error:
        raise InputError(
            f"Line {line} of {path.name} has the phase '{text}'; give a whole number counted from 0, or nothing."
        ) from error
