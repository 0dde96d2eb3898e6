"""Tables for the terminal."""

from __future__ import annotations

from rich.table import Table

from medvos.measure.catalogue import BEAT_HEADINGS, row_of
from medvos.measure.measures import Measures
from medvos.measure.verdict import verdict_text
from medvos.report.numbers import percentage


def plain_table(*headings: str) -> Table:
    """Return a table with its first column aligned left and all others right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="left" if i == 0 else "right")
    return table


def measures_table(measures: Measures) -> Table:
    """Tabulate name, value and unit of each known measure, and interval, reference range and unreliable part if any."""
    known = {name: measure for name, measure in measures.items() if measure.value is not None}
    with_ends = any(measure.interval for measure in known.values())
    with_normal = any(name in measures.normal for name in known)
    ends, normal = (["90 % interval"] if with_ends else []), (["normal", ""] if with_normal else [])
    with_part = any(measure.unreliable for measure in known.values())
    part = ["on unreliable contours"] if with_part else []
    table = plain_table("measure", "value", *ends, "unit", *normal, *part)
    for column in table.columns[2 + len(ends) : 2 + len(ends) + 1 + len(normal)]:
        column.justify = "left"
    for name, measure in known.items():
        digits = row_of(name).decimals
        cells = [_cell(measure.value, digits)]
        if with_ends:
            low, high = measure.interval or (None, None)
            cells.append("" if low is None else f"{low:.{digits}f} to {high:.{digits}f}")
        cells.append(measure.unit)
        cells += _range(name, measures) if with_normal else []
        cells += [percentage(measure.unreliable)] if with_part else []
        table.add_row(name, *cells)
    return table


def wall_table(measures: Measures) -> Table:
    """Tabulate thickness and thickening of the segments in which they are known."""
    table = plain_table("segment of the wall", "ED (mm)", "ES (mm)", "thickening (%)")
    for segment in measures.wall:
        if segment.ed_mm is not None or segment.es_mm is not None:
            cells = (_cell(segment.ed_mm, 1), _cell(segment.es_mm, 1), _cell(segment.thickening, 0))
            table.add_row(f"{segment.number} {segment.name}", *cells)
    return table


def beats_table(measures: Measures) -> Table:
    """Tabulate the beats of an echo clip."""
    table = plain_table(*BEAT_HEADINGS)
    for number, beat in enumerate(measures.beats, start=1):
        cells = (_cell(beat.edv, 1), _cell(beat.esv, 1), _cell(beat.ef, 1))
        table.add_row(str(number), str(beat.ed + 1), str(beat.es + 1), *cells)
    return table


def _range(name: str, measures: Measures) -> list[str]:
    normal = measures.normal.get(name)
    return ["", ""] if normal is None else [f"{normal.low:g} to {normal.high:g}", verdict_text(name, measures)]


def _cell(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:z.{digits}f}"
