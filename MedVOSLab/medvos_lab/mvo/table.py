"""The tables of the MVO benchmark."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medvos_lab.bench.table import to_csv

# Headings of the two tables, and the figures below them as `medvos_lab.mvo.validate.figures` names them.
OVERLAP = {
    "Dice": "Dice",
    "Dice, large cores": "Dice where the core is over 2 % of the wall",
    "Jaccard": "Jaccard",
    "HD95, mm": "HD95 in mm, where any was found",
    "precision": "precision",
    "recall": "recall",
    "found in % of the patients": "patients in whom any was found in %",
    "volume error, % of the wall": "error of the volume in % of the wall",
}
THREE_DECIMALS = ("Dice", "Dice, large cores", "Jaccard", "precision", "recall", "ECE")
FLAGGED = {
    "infarct without core": "wall flagged in % with a simulated infarct without obstruction",
    "no infarct": "wall flagged in % without any infarct, all validation hearts",
    "ACDC normal": "wall flagged in %, ACDC normal",
    "ACDC infarct": "wall flagged in %, ACDC with a real infarct",
    "ECE": "ECE",
}


@dataclass(frozen=True)
class Row:
    """What one network that is given so many frames of a beat reached."""

    model: str
    frames: int
    figures: dict[str, float]


def csv_of(rows: Sequence[Row], commands: Mapping[str, str]) -> str:
    """Every figure of every row; those that are not at hand have the command that trains them and no figure."""
    there = {row.model for row in rows}
    nothing: dict[str, float] = dict.fromkeys(rows[0].figures, math.nan)
    known: list[dict[str, float | str]] = [
        {"model": row.model, "frames": row.frames, **row.figures, "command": commands.get(row.model, "")}
        for row in rows
    ]
    absent: list[dict[str, float | str]] = [
        {"model": name, "frames": math.nan, **nothing, "command": command}
        for name, command in commands.items()
        if name not in there
    ]
    return to_csv(known + absent)


def markdown_of(
    rows: Sequence[Row], commands: Mapping[str, str], introduction: Sequence[str], captions: Sequence[str]
) -> str:
    """Models side by side, what trains those that are not at hand, ``mvo`` by frames, and what the sheets show."""
    own: dict[str, Row] = {}
    for row in rows:
        own.setdefault(row.model, row)
    names = [*commands, *(name for name in own if name not in commands)]
    absent = [f"- `{name}`: `{commands[name]}`" for name in names if name not in own]
    asked = {f"{row.frames}": row for row in sorted(rows, key=lambda row: row.frames) if row.model == "mvo"}
    parts = [
        "# Obstruction from cine",
        *introduction,
        _table("model", OVERLAP, {name: own.get(name) for name in names}),
        "Part of the wall in % that is called obstructed where there is no obstruction, and calibration error:",
        _table("model", FLAGGED, {name: own[name] for name in names if name in own}),
    ]
    if absent:
        parts += ["Not at hand, and what trains them:", "\n".join(absent)]
    if asked:
        parts += ["`mvo`, given so many frames of the same beats:"]
        parts += [_table("frames", columns, asked) for columns in (OVERLAP, FLAGGED)]
    parts += [
        "Slices from base to apex, bare, and with the simulated core as a white contour and the prediction in colour:"
    ]
    return "\n\n".join([*parts, "\n".join(f"- {caption}" for caption in captions)]) + "\n"


def _table(first: str, columns: Mapping[str, str], rows: Mapping[str, Row | None]) -> str:
    lines = [f"| {first} | {' | '.join(columns)} |", "|---|" + "---:|" * len(columns)]
    for name, row in rows.items():
        if row is None:
            lines.append(f"| {name} | not at hand |" + " |" * (len(columns) - 1))
        else:
            cells = (_cell(heading, row.figures[figure]) for heading, figure in columns.items())
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(heading: str, value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.3f}" if heading in THREE_DECIMALS else f"{value:.1f}"
