"""Table of an ablation: the paper's numbers beside ours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from medvos_lab.ablation_types import Ablation
from medvos_lab.bench.output import markdown_table
from medvos_lab.bench.paired import wilcoxon_p

CAUTION = (
    "Every row is one training from the same seed; another seed alone changes the numbers too. p (Wilcoxon's "
    "signed-rank test) is about the variation between cases, not between trainings."
)

GIVEN_WEIGHTS = 0  # steps of rows that were scored with released weights
Place = tuple[str, int, int | None, int]  # row, steps, cases, folds; results of other places are in other tables


@dataclass(frozen=True)
class Result:
    """Result of one row at one budget.

    Attributes
    ----------
    row: its name. steps: the budget. cases: as they were limited; None: all.
    sha256: of its weights. metrics: by name. counted: the cases in words. paired: as in
        `medvos_lab.ablation_types.Scores`.
    seconds, device: of its training, of all folds together. error: why there are no metrics.
    trained: steps of its training. folds: of a cross-validation; 0: none. by_fold: some of the metrics in each fold.
    """

    row: str
    steps: int
    cases: int | None
    sha256: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    counted: str = ""
    paired: tuple[float, ...] = ()
    seconds: float = 0.0
    device: str = ""
    error: str = ""
    trained: int = 0
    folds: int = 0
    by_fold: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Return what must be equal in results of one table, and the row."""
        return self.row, self.steps, self.cases, self.folds

    @property
    def entry(self) -> dict[str, Any]:
        """As in ``table.json``, which has no nan."""
        metrics = {name: _or_none(value) for name, value in self.metrics.items()}
        by_fold = {name: tuple(map(_or_none, values)) for name, values in self.by_fold.items()}
        return asdict(self) | {"metrics": metrics, "by_fold": by_fold}

    @staticmethod
    def of(entry: dict[str, Any]) -> Result:
        """Return the result of an entry of ``table.json``.

        Raises
        ------
        TypeError: it has other fields.
        """
        metrics = {name: _or_nan(value) for name, value in entry["metrics"].items()}
        by_fold = {name: tuple(map(_or_nan, values)) for name, values in entry.get("by_fold", {}).items()}
        return Result(**entry | {"metrics": metrics, "paired": tuple(entry["paired"]), "by_fold": by_fold})


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def markdown(ablation: Ablation, results: Sequence[Result], steps: int) -> list[str]:
    """Return the lines of the table; a metric of the paper has a column beside ours.

    The rows are compared with the first that has been scored, case by case.
    """
    first = next((found for found in results if found.paired), None)
    folded = {name: None for found in results for name in found.by_fold}
    header = ["row", "", "steps", "training, s"]
    for metric, heading in ablation.columns.items():
        header += [f"{heading} (folds)" if metric in folded else heading]
        header += ["paper"] if _in_paper(ablation, metric) else []
    header += [f"p against {first.row}" if first else "p"]
    lines = [_cells(ablation, found, first) for found in results]
    table = markdown_table(header, lines, left=2)
    counted = sorted({found.counted for found in results if found.counted})
    return [
        f"# {ablation.title}",
        "",
        _training(results, steps),
        f"Ours: {ablation.data} Scored: {'; or '.join(counted) or 'nothing yet'}.",
        f"Paper: {ablation.paper}",
        "",
        *table,
        "",
        *_by_fold(results, folded),
        f"p compares the {ablation.paired}, with that of the first row that was scored. "
        f"{CAUTION if steps != GIVEN_WEIGHTS else ''}".rstrip(),
    ]


def _training(results: Sequence[Result], steps: int) -> str:
    """Return what the rows have learnt, a sentence or two."""
    if steps == GIVEN_WEIGHTS:
        return f"Released weights with SHA-256 {' or '.join(sorted({found.sha256[:8] for found in results}))}…"
    devices = " or ".join(sorted({found.device for found in results if found.device})) or "no device yet"
    folds = max((found.folds for found in results), default=0)
    if not folds:
        return f"Every row trained for {steps} steps on {devices}."
    return (
        f"Cross-validation by patient: every row trained {folds} times on {devices}, each time without the patients of "
        f"one of {folds} folds, who are scored by that network. Budget: {steps} steps; a row whose batches have fewer "
        "slices has more, so that all see equally many. Metrics are of the patients of all folds together, seconds the "
        "sum of the trainings."
    )


def _by_fold(results: Sequence[Result], metrics: Iterable[str]) -> list[str]:
    """Return a table for each metric that is known of every fold; the ranges in the main table are theirs."""
    lines: list[str] = []
    for metric in metrics:
        rows = [
            (found.row, *(_number(metric, value) for value in found.by_fold[metric]))
            for found in results
            if found.by_fold
        ]
        lines += [*markdown_table([metric, *(f"fold {n}" for n in range(max(len(row) for row in rows) - 1))], rows), ""]
    return lines


def _in_paper(ablation: Ablation, metric: str) -> bool:
    return any(metric in row.paper for row in ablation.rows)


def _cells(ablation: Ablation, found: Result, first: Result | None) -> list[str]:
    row = ablation.row(found.row)
    steps = str(found.trained or found.steps)
    if found.error:
        return [row.name, row.title, steps, f"failed: {' '.join(found.error.split())}"]
    cells = [row.name, row.title, steps, f"{found.seconds:.0f}"]
    for metric in ablation.columns:
        cell = _number(metric, found.metrics.get(metric, math.nan))
        ends = [_number(metric, end(found.by_fold[metric])) for end in (min, max)] if metric in found.by_fold else []
        cells.append(f"{cell} ({' to '.join(ends)})" if ends else cell)
        if _in_paper(ablation, metric):
            cells.append(row.paper.get(metric, "–"))
    compared = first is not None and first.row != found.row and len(first.paired) == len(found.paired) > 0
    p = wilcoxon_p(found.paired, first.paired) if first and compared else math.nan
    return [*cells, "–" if math.isnan(p) else f"{p:.3f}" if p >= 0.001 else "< 0.001"]


def _number(metric: str, value: float) -> str:
    """Return fractions and correlations to three places, the rest (points, mm, %) to one."""
    if math.isnan(value):
        return "–"
    coarse = any(word in metric for word in ("EF", "HD95", "%", "jump"))
    coarse = coarse and not metric.startswith("Dice") and not metric.endswith((" r", "correlation"))
    return f"{value:.1f}" if coarse else f"{value:.3f}"
