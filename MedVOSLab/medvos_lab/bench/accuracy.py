"""Accuracy benchmark: methods side by side on labelled cases, all from one drawn slice."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from medvos.evaluate.metrics import Reliability, pool
from medvos_lab.bench.methods import Method, all_methods, method
from medvos_lab.bench.output import make_folder, to_csv
from medvos_lab.bench.protocol import Trial, prepare
from medvos_lab.bench.reliability_plot import write_reliability_plot
from medvos_lab.bench.score import CaseScores, score
from medvos_lab.bench.sheets import contact_sheet, write_sheet
from medvos_lab.bench.table import GROUPS, case_row, summarise, text, to_markdown
from medvos_lab.datasets import acdc_cases, sunnybrook_4d, sunnybrook_edes
from medvos_lab.datasets.acdc_beats import acdc_beats
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.datasets.sunnybrook import two_phase_cine

if TYPE_CHECKING:
    from rich.console import Console

Metrics = dict[str, float]

DATA_SETS: dict[str, Callable[[Path | None], Iterator[LabelledCine]]] = {
    "acdc": lambda root: acdc_cases(root, "validation"),
    "acdc_4d": lambda root: (beat.cropped() for beat in acdc_beats(root, "validation")),
    "sunnybrook_4d": sunnybrook_4d,
    "sunnybrook_edes": lambda root: (two_phase_cine(frames) for frames in sunnybrook_edes(root)),
}
DEFAULT_DATA_SETS = ("acdc", "sunnybrook_4d")
ALL_PHASES = "acdc_4d"  # the same patients as in ``acdc``, with the phases between ED and ES, in a crop
INTRODUCTION = (
    "# Accuracy\n\nFrom one drawn slice, which is left out of every figure; Vivim networks are not shown it.\n"
)


def run(
    data: Path | None,
    out: Path,
    models: Sequence[str] = (),
    cases: int | None = None,
    *,
    data_sets: Sequence[str] = DEFAULT_DATA_SETS,
    device: str = "auto",
    sheets: int = 0,
    console: Console | None = None,
) -> dict[str, dict[str, Metrics]]:
    """Run every method on every case, show the table and write it.

    Parameters
    ----------
    data: folder that holds the data sets; default as `data_root` has it.
    out: folder for ``accuracy.md``, ``accuracy.csv``, ``accuracy.json``, ``cases.csv`` (a row per case) and,
        where a method states its uncertainty, ``reliability-*.png``.
    models: ``copy``, ``flow``, or names of networks; none means the baselines and every installed network.
    cases: so many cases of each data set; default all.
    data_sets: ``acdc`` (its validation patients at ED and ES), ``acdc_4d`` (a crop of the same at every phase),
        ``sunnybrook_4d``, ``sunnybrook_edes`` (slices drawn at both ED and ES).
    sheets: contact sheets of so many worst cases per method and data set go to ``out/worst``.
    console: where the table is shown; default: standard output.

    Returns
    -------
    Data set to method to metrics by column.

    Raises
    ------
    InputError: no such data set, data folder, network or device, or ``out`` cannot be written.
    """
    unknown = [name for name in data_sets if name not in DATA_SETS]
    if unknown:
        raise InputError(f"There is no data set '{unknown[0]}'; choose from {', '.join(DATA_SETS)}.")
    predictors = {name: method(name, device) for name in models or all_methods()}
    cohorts = {name: [prepare(case) for case in islice(DATA_SETS[name](data), cases)] for name in data_sets}
    make_folder(out / "worst" if sheets else out)
    tables: dict[str, dict[str, Metrics]] = {}
    case_rows: list[dict[str, float | str]] = []
    for data_set, trials in cohorts.items():
        tables[data_set] = {}
        diagrams: dict[str, list[Reliability]] = {}
        for name, predict in predictors.items():
            scores, labels = _run_method(trials, name, predict)
            tables[data_set][name] = summarise(scores)
            case_rows += [{"data": data_set, **case_row(s)} for s in scores]
            for index in _worst(scores, sheets):
                sheet = contact_sheet(trials[index], labels[index])
                write_sheet(out / "worst" / f"{data_set}-{name}-{trials[index].case.name}.png", sheet)
            diagrams[name] = [s.reliability for s in scores if s.reliability is not None]
        _show(data_set, tables[data_set], console)
        if any(diagrams.values()):
            pooled = {name: pool(parts) for name, parts in diagrams.items() if parts}
            write_reliability_plot(out / f"reliability-{data_set}.png", pooled)
    _write(out, tables, case_rows)
    return tables


def _run_method(
    trials: Sequence[Trial], name: str, predict: Method
) -> tuple[list[CaseScores], list[NDArray[np.uint8]]]:
    scores, labels = [], []
    for trial in trials:
        prediction = predict(trial.case.cine, trial.seed)
        scores.append(score(trial, prediction, name))
        labels.append(prediction.labels)
    return scores, labels


def _worst(scores: Sequence[CaseScores], count: int) -> list[int]:
    """Return indices of the cases with the lowest mean Dice."""
    return sorted(range(len(scores)), key=lambda i: summarise([scores[i]])["Dice mean"])[:count]


def _show(data_set: str, rows: dict[str, Metrics], console: Console | None) -> None:
    from rich.console import Console
    from rich.table import Table

    console = console or Console()
    for title, columns in GROUPS.items():
        shown = [c for c in columns if any(not math.isnan(row[c]) for row in rows.values())]
        if not shown:
            continue
        table = Table(title=f"{data_set}: {title}", title_justify="left")
        table.add_column("method")
        for column in shown:
            table.add_column(column, justify="right")
        for name, row in rows.items():
            table.add_row(name, *(text(row[c], c) for c in shown))
        console.print(table)


def _write(out: Path, tables: dict[str, dict[str, Metrics]], case_rows: list[dict[str, float | str]]) -> None:
    flat: list[dict[str, float | str]] = [
        {"data": data_set, "method": name, **row} for data_set, rows in tables.items() for name, row in rows.items()
    ]
    sections = [
        f"## {data_set}, {int(next(iter(rows.values()))['cases'])} cases\n\n{to_markdown(rows)}"
        for data_set, rows in tables.items()
        if rows
    ]
    (out / "accuracy.md").write_text("\n".join([INTRODUCTION, *sections]), encoding="utf-8")
    (out / "accuracy.csv").write_text(to_csv(flat), encoding="utf-8")
    (out / "cases.csv").write_text(to_csv(case_rows), encoding="utf-8")
    (out / "accuracy.json").write_text(json.dumps(_without_nan(tables), indent=1), encoding="utf-8")


def _without_nan(tables: dict[str, dict[str, Metrics]]) -> dict[str, dict[str, dict[str, float | None]]]:
    """Replace nan by None, because JSON has no nan."""
    return {
        data_set: {name: {k: None if math.isnan(v) else v for k, v in row.items()} for name, row in rows.items()}
        for data_set, rows in tables.items()
    }
