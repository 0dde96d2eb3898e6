"""What a folder holds, one row for each kind of image of each series, and which of them are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_HEADS = ("Series", "Description", "Images", "Slices", "Phases", "Shows", "Read")


@dataclass(frozen=True)
class SeriesRow:
    """One kind of image of one series.

    `number` and `description` are the series', `images`, `slices` and `phases` (of most slices) count its images,
    `kind` says what they show, `used` whether they are read, `why` the reason why not, '' where there is none.
    """

    number: int
    description: str
    images: int
    slices: int
    phases: int
    kind: str
    used: bool
    why: str = ""


def contents_table(rows: Sequence[SeriesRow]) -> str:
    """Return the rows as a table of plain text, '' without rows; without the last column where nothing was read.

    >>> print(contents_table([SeriesRow(5, "SAX CINE", 120, 6, 20, "magnitude", True)]))
    Series  Description  Images  Slices  Phases  Shows      Read
    5       SAX CINE     120       6       20      magnitude  yes
    """
    if not rows:
        return ""
    chosen = any(row.used or row.why for row in rows)  # else nothing was read
    cells: list[tuple[str, ...]] = [_HEADS]
    cells += [
        (
            str(row.number),
            row.description,
            str(row.images),
            str(row.slices),
            str(row.phases),
            row.kind,
            "yes" if row.used else f"no: {row.why}" if row.why else "no",
        )
        for row in rows
    ]
    if not chosen:
        cells = [line[:-1] for line in cells]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )
