"""Tables of a cohort as comma-separated text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

from medvos.cohort.agreement import Agreement
from medvos.cohort.record import Record

# Column names in ASCII and without a percent sign, which some programs cannot read.
SPELT = {"%": "percent", "²": "2"}
DOUBTS = "doubts"  # the last column, whose sentences are long


def cohort_csv(records: Sequence[Record]) -> str:
    """Return a row for each case: its outcome, its cost, its phases and grade, its measures, and last its doubts.

    A measure has a column for its value and, if some case has them, for the ends of its interval and for the found and
    true values over the slices that the truth labels. Unknown values are empty. Phases are counted from 0.
    """
    rows = [_row(record) for record in records]
    columns = [*dict.fromkeys(column for row in rows for column in row if column != DOUBTS), DOUBTS]
    return _csv(columns, ([row.get(column) for column in columns] for row in rows))


def agreement_csv(agreements: Sequence[Agreement]) -> str:
    """Return a row for each measure that was compared with its truth."""
    columns = ["measure", "unit", "cases", "bias", "bias_low", "bias_high", "limit_low", "limit_high",
               "mean_absolute_error", "pearson_r", "icc"]  # fmt: skip
    return _csv(
        columns,
        (
            [a.name, a.unit, len(a.cases), a.bias, *(a.bias_interval or (None, None)), *(a.limits or (None, None)),
             a.mean_error, a.correlation, a.icc]
            for a in agreements
        ),
    )  # fmt: skip


def _row(record: Record) -> dict[str, Any]:
    row: dict[str, Any] = {
        "case": record.name,
        "status": record.status.value,
        "reason": record.reason,
        "seconds": record.seconds,
        "peak_MB": record.peak_mb,
        "model": record.model,
        **{f"{name}_phase": record.phases.get(name) for name in ("ED", "ES")},
        "LVEF_grade": record.grade,
    }
    for name, measure in record.measures.items():
        column = f"{name}_{_spelt(measure['unit'])}"
        row[column] = measure["value"]
        if measure.get("interval"):
            row[f"{column}_low"], row[f"{column}_high"] = measure["interval"]
        if name in record.compared:
            row[f"{column}_found"] = record.compared[name]["prediction"]
            row[f"{column}_true"] = record.compared[name]["truth"]
    row[DOUBTS] = " ".join(record.doubts) or None
    return row


def _spelt(unit: str) -> str:
    for sign, word in SPELT.items():
        unit = unit.replace(sign, word)
    return unit


def _csv(columns: list[str], rows: Any) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value
