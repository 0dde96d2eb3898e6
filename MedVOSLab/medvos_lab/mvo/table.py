"""Tables of the MVO benchmark."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from medvos_lab.bench.output import markdown_table, to_csv
from medvos_lab.bench.paired import wilcoxon_p
from medvos_lab.mvo.shares import ATTENTION, REFINEMENT

# Headings of the two tables, and the metrics below them as `medvos_lab.mvo.validate.metrics` names them.
OVERLAP = {
    "Dice": "Dice",
    "Dice, large cores": "Dice where the core is over 2 % of the wall",
    "Dice, no contrast": "Dice without contrast",
    "Jaccard": "Jaccard",
    "HD95, mm": "HD95 in mm, where any was found",
    "precision": "precision",
    "recall": "recall",
    "recall, no contrast": "recall without contrast",
    "found in % of the patients": "patients in whom any was found in %",
    "volume error, % of the wall": "error of the volume in % of the wall",
}
THREE_DECIMALS = (
    *("Dice", "Dice, large cores", "Dice, no contrast"),
    *("Jaccard", "precision", "recall", "recall, no contrast", "ECE"),
)
FLAGGED = {
    "infarct without core": "wall flagged in % with a simulated infarct without obstruction",
    "no infarct": "wall flagged in % without any infarct, all validation hearts",
    "ACDC normal": "wall flagged in %, ACDC normal",
    "ACDC infarct": "wall flagged in %, ACDC with a real infarct",
    "ECE": "ECE",
}
AT_WORK = {ATTENTION: ATTENTION, REFINEMENT: REFINEMENT}


@dataclass(frozen=True)
class NetworkMetrics:
    """Metrics of one network at one number of frames of a beat, and the Dice of each heart by its number."""

    model: str
    frames: int
    metrics: dict[str, float]
    hearts: dict[int, float] = field(default_factory=dict)


def csv_of(rows: Sequence[NetworkMetrics], commands: Mapping[str, str]) -> str:
    """Return all metrics of all rows; models without weights here have the command that trains them and no metric."""
    there = {row.model for row in rows}
    nothing: dict[str, float] = dict.fromkeys(rows[0].metrics, math.nan)
    known: list[dict[str, float | str]] = [
        {"model": row.model, "frames": row.frames, **row.metrics, "command": commands.get(row.model, "")}
        for row in rows
    ]
    absent: list[dict[str, float | str]] = [
        {"model": name, "frames": math.nan, **nothing, "command": command}
        for name, command in commands.items()
        if name not in there
    ]
    return to_csv(known + absent)


def markdown_of(
    rows: Sequence[NetworkMetrics], commands: Mapping[str, str], introduction: Sequence[str], captions: Sequence[str]
) -> str:
    """Return models side by side, commands that train missing ones, ``mvo`` by frames, and captions of the sheets."""
    own: dict[str, NetworkMetrics] = {}
    for row in rows:
        own.setdefault(row.model, row)
    names = [*commands, *(name for name in own if name not in commands)]
    absent = [f"- `{name}`: `{commands[name]}`" for name in names if name not in own]
    by_frames = {f"{row.frames}": row for row in sorted(rows, key=lambda row: row.frames) if row.model == "mvo"}
    parts = [
        "# Obstruction from cine",
        *introduction,
        _table("model", OVERLAP, {name: own.get(name) for name in names}),
        *_compared(own),
        "Part of the wall in % that is called obstructed where there is no obstruction, and calibration error:",
        _table("model", FLAGGED, {name: own[name] for name in names if name in own}),
    ]
    shown = {name: own[name] for name in names if name in own}
    if any(not math.isnan(row.metrics.get(share, math.nan)) for row in shown.values() for share in AT_WORK):
        parts += ["How much attention and refinement contribute:", _table("model", AT_WORK, shown)]
    if absent:
        parts += ["Not at hand, and what trains them:", "\n".join(absent)]
    if by_frames:
        parts += ["`mvo`, given so many frames of the same beats:"]
        parts += [_table("frames", columns, by_frames) for columns in (OVERLAP, FLAGGED)]
    parts += [
        "Slices from base to apex, bare, and with the simulated core as a white contour and the prediction in colour:"
    ]
    return "\n\n".join([*parts, "\n".join(f"- {caption}" for caption in captions)]) + "\n"


def _compared(rows: Mapping[str, NetworkMetrics]) -> list[str]:
    """Return a sentence with the p of each model against ``mvo``, heart by heart."""
    if "mvo" not in rows or len(rows) == 1:
        return []
    whole = rows["mvo"].hearts
    found = {
        name: wilcoxon_p([row.hearts[heart] for heart in whole], list(whole.values()))
        for name, row in rows.items()
        if name != "mvo" and row.hearts.keys() == whole.keys() != set()
    }
    words = [f"`{name}` {'none, no heart differs' if math.isnan(p) else f'{p:.4f}'}" for name, p in found.items()]
    return [
        f"p against `mvo` of Wilcoxon's signed-rank test over the Dice of {len(whole)} hearts, each the mean over its "
        f"territories: {', '.join(words)}. It is about the variation between hearts, not between trainings."
    ]


def _table(first: str, columns: Mapping[str, str], rows: Mapping[str, NetworkMetrics | None]) -> str:
    cells = [
        (name, "not at hand")
        if row is None
        else (name, *(_cell(heading, row.metrics[metric]) for heading, metric in columns.items()))
        for name, row in rows.items()
    ]
    return "\n".join(markdown_table((first, *columns), cells))


def _cell(heading: str, value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.3f}" if heading in THREE_DECIMALS else f"{value:.1f}"
