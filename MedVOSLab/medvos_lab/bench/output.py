"""Output of a benchmark: its folder, and the tables in it as Markdown and as comma-separated text."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from medvos.errors import InputError


def make_folder(folder: Path) -> None:
    """Make the folder for a benchmark's tables.

    Raises
    ------
    InputError: the disk refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The folder {folder} cannot be made ({error.strerror}); choose another with --out."
        ) from error


def markdown_table(header: Sequence[object], rows: Iterable[Sequence[object]], left: int = 1) -> list[str]:
    """Return the lines of a Markdown table, its first ``left`` columns aligned to the left and the others to the right.

    Rows may be shorter than the header.

    Example
    -------
    >>> markdown_table(["model", "Dice"], [["cstm", "0.912"]])
    ['| model | Dice |', '|---|---:|', '| cstm | 0.912 |']
    """
    lines = [[str(cell) for cell in header], *([str(cell) for cell in row] for row in rows)]
    filled = [f"| {' | '.join(line)} |" + " |" * (len(header) - len(line)) for line in lines]
    return [filled[0], "|" + "---|" * left + "---:|" * (len(header) - left), *filled[1:]]


def write_markdown(path: Path, lines: Iterable[str]) -> None:
    """Write lines of Markdown."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def to_csv(rows: Sequence[Mapping[str, float | str]]) -> str:
    """Return comma-separated text with a header; all rows have the columns of the first, nan is an empty cell."""
    if not rows:
        return ""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: "" if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()})
    return stream.getvalue()
