"""``medvos evaluate``: a segmentation against the truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    predicted: Annotated[Path, typer.Argument(metavar="PRED", help="4D label image to score.", show_default=False)],
    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH", help="4D label image; 255 is not scored.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare a segmentation with the truth: overlap, surface distance and function."""
    from medvos.evaluate.compare import compare_files

    scores = compare_files(predicted, truth)
    if as_json:
        typer.echo(json.dumps(scores, indent=1))
        return
