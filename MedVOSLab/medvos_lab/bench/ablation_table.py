"""Table of an ablation: the paper's numbers beside ours."""

from __future__ import annotations

import math
from collections.abc import Sequence
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


@dataclass(frozen=True)
class Result:
    """Result of one row at one budget.

    Attributes
    ----------
    row: its name. steps: of its training. cases: as they were limited; None: all.
    sha256: of its weights. metrics: by name. counted: the cases in words. paired: as in
        `medvos_lab.ablation_types.Scores`.
    seconds, device: of its training. error: why there are no metrics.
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

    @property
    def entry(self) -> dict[str, Any]:
        """As in ``table.json``, which has no nan."""
        metrics = {name: None if math.isnan(value) else value for name, value in self.metrics.items()}
        return asdict(self) | {"metrics": metrics}

    @staticmethod
    def of(entry: dict[str, Any]) -> Result:
        """Return the result of an entry of ``table.json``.

        Raises
        ------
        TypeError: it has other fields.
        """
        metrics = {name: math.nan if value is None else value for name, value in entry["metrics"].items()}
        return Result(**entry | {"metrics": metrics, "paired": tuple(entry["paired"])})


def markdown(ablation: Ablation, results: Sequence[Result], steps: int) -> list[str]:
    """Return the lines of the table; a metric of the paper has a column beside ours."""
    whole = ablation.rows[0]
    reference = next((found.paired for found in results if found.row == whole.name), ())
    # Short of the whole method there is nothing to compare with.
    header = ["row", "", "steps", "training, s"]
    for metric, heading in ablation.columns.items():
        header += [heading, *(["paper"] if _in_paper(ablation, metric) else [])]
    header += [f"p against {whole.name}"]
    lines = [_cells(ablation, found, reference) for found in results]
    table = markdown_table(header, lines, left=2)
    counted = sorted({found.counted for found in results if found.counted})
    devices = sorted({found.device for found in results if found.device})
    trained = f"Every row trained for {steps} steps on {' or '.join(devices) or 'no device yet'}."
    if steps == GIVEN_WEIGHTS:
        trained = f"Released weights with SHA-256 {' or '.join(sorted({found.sha256[:8] for found in results}))}…"
    return [
        f"# {ablation.title}",
        "",
        trained,
        f"Ours: {ablation.data} Scored: {'; or '.join(counted) or 'nothing yet'}.",
        f"Paper: {ablation.paper}",
        "",
        *table,
        "",
        f"p compares the {ablation.paired}. {CAUTION if steps != GIVEN_WEIGHTS else ''}".rstrip(),
    ]


def _in_paper(ablation: Ablation, metric: str) -> bool:
    return any(metric in row.paper for row in ablation.rows)


def _cells(ablation: Ablation, found: Result, reference: Sequence[float]) -> list[str]:
    row = ablation.row(found.row)
    if found.error:
        return [row.name, row.title, str(found.steps), f"failed: {' '.join(found.error.split())}"]
    cells = [row.name, row.title, str(found.steps), f"{found.seconds:.0f}"]
    for metric in ablation.columns:
        cells.append(_number(metric, found.metrics.get(metric, math.nan)))
        if _in_paper(ablation, metric):
            cells.append(row.paper.get(metric, "–"))
    whole = found.row == ablation.rows[0].name
    compared = not whole and len(reference) == len(found.paired) > 0
    p = wilcoxon_p(found.paired, reference) if compared else math.nan
    return [*cells, "–" if math.isnan(p) else f"{p:.3f}" if p >= 0.001 else "< 0.001"]


def _number(metric: str, value: float) -> str:
    """Return fractions and correlations to three places, the rest (points, mm, %) to one."""
    if math.isnan(value):
        return "–"
    coarse = any(word in metric for word in ("EF", "HD95", "%", "jump")) and not metric.endswith((" r", "correlation"))
    return f"{value:.1f}" if coarse else f"{value:.3f}"
