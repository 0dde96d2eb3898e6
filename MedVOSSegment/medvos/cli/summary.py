"""Summary on the terminal at the end of a segmentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console

from medvos.cli.terminal_tables import beats_table, measures_table
from medvos.measure.doubt import beside_the_values
from medvos.measure.ed_es import ed_and_es_sentences
from medvos.measure.measures import Measures
from medvos.measure.missing import missing
from medvos.measure.obstructed_volume import notice_of
from medvos.measure.verdict import verdict_sentences


def summarise(provenance: dict[str, Any], measures: Measures, out: Path) -> None:
    """Print the measures, why others are missing, their verdicts, the beats of a clip, notes and the report's path."""
    console = Console()
    if any(measure.value is not None for measure in measures.values()):
        console.print(measures_table(measures))
    for sentence in (*missing(measures), *ed_and_es_sentences(measures), *verdict_sentences(measures)):
        console.print(sentence, highlight=False, soft_wrap=True)
    if measures.beats:
        console.print()
        console.print(beats_table(measures))
    doubts = [*provenance.get("doubts", ()), *beside_the_values(measures)]
    lines = [*(f"Doubt: {doubt}" for doubt in doubts), *(f"Note: {note}" for note in provenance["notes"])]
    notice = notice_of(measures)
    lines += [notice] if notice and f"Note: {notice}" not in lines else []
    lines.append(f"Weights {provenance['model']}: {provenance['terms']}")
    lines.append(f"Open {out / 'report.html'}")
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
