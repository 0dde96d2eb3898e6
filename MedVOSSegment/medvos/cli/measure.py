"""``medvos measure``: volumes and function from a segmentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def measure(
    segmentation: Annotated[
        Path,
        typer.Argument(metavar="SEGMENTATION", help="4D label image: 1 RV, 2 Myo, 3 LV.", show_default=False),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, in the form of report.json.")] = False,
) -> None:
    """Measure volumes, ejection fraction and mass of a 4D segmentation."""
    from medvos.cine.labels import label_numbers
    from medvos.cine.read import read
    from medvos.measure.measure import measure as measured

    cine = read(segmentation)
    measures = measured(label_numbers(cine.array, segmentation.name), cine)
    if as_json:
        from medvos.report.document import measures_document

        typer.echo(json.dumps(measures_document(measures), indent=1, allow_nan=False))
        return
    from rich.console import Console

    from medvos.cli.tables import measures_table

    Console().print(measures_table(measures))
    typer.echo(f"ED is phase {measures.ed}, ES is phase {measures.es}, counted from 0.")
