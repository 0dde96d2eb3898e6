"""Benchmarks that score the cases of some data sets one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from medvos_lab.bench.accuracy import DATA_SETS
from medvos_lab.bench.output import make_folder, to_csv, write_markdown
from medvos_lab.datasets.labelled import LabelledCine

Score = TypeVar("Score")


def score_cases(
    data: Path | None,
    out: Path,
    name: str,
    data_sets: Sequence[str],
    score: Callable[[LabelledCine], Score],
    row: Callable[[Score], Mapping[str, Any]],
    markdown: Callable[[dict[str, list[Score]]], list[str]],
) -> dict[str, list[Score]]:
    """Score every case; write ``NAME.csv`` with a row for each and ``NAME.md`` into ``out``.

    Parameters
    ----------
    data: folder of the data sets.
    out: made where it does not exist.
    name: of both files.
    data_sets: names in `medvos_lab.bench.accuracy.DATA_SETS`.
    score: of one case. row: its columns in the table. markdown: lines for all scores by data set.

    Raises
    ------
    InputError: there is no such data folder, or ``out`` cannot be written.
    """
    cases = {data_set: list(DATA_SETS[data_set](data)) for data_set in data_sets}
    make_folder(out)
    found = {data_set: [score(case) for case in cases[data_set]] for data_set in data_sets}
    rows = [{"data": data_set, **row(each)} for data_set, scores in found.items() for each in scores]
    (out / f"{name}.csv").write_text(to_csv(rows), encoding="utf-8")
    write_markdown(out / f"{name}.md", markdown(found))
    return found
