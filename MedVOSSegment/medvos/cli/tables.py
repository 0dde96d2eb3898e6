"""Tables on the terminal."""

from __future__ import annotations

from rich.table import Table

from medvos.measure.measures import Measures


def plain_table(*headings: str) -> Table:
    """A table with its first column to the left and all others to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="left" if i == 0 else "right")
    return table


def measures_table(measures: Measures) -> Table:
    """Name, value and unit of each measure, and the reason where one is not known."""
    table = plain_table("measure", "value", "unit")
    table.columns[2].justify = "left"
    for name, measure in measures.items():
        if measure.value is None:
            table.add_row(name, "-", measure.reason)
        else:
            table.add_row(name, f"{measure.value:.1f}", measure.unit)
    return table
