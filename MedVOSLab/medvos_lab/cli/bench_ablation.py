"""``medvos bench ablation``: the ablation table of a paper, trained where it is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import DataOption, Device, DeviceOption
from medvos_lab.ablations import ABLATIONS
from medvos_lab.cli.train import require_packages


def _known(model: str) -> str:
    if model not in ABLATIONS:
        choices = ", ".join(f"'{name}'" for name in ABLATIONS)
        raise typer.BadParameter(f"'{model}' is not one of {choices}.")
    return model


def ablation(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            callback=_known,
            help=f"One of {', '.join(ABLATIONS)}; wu is the network of echo-lv.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for runs, weights and the table.", show_default=False)],
    data: DataOption = None,
    steps: Annotated[
        int | None,
        typer.Option(help="Number of optimiser steps of each row.", min=1, show_default="few, those of the ablation"),
    ] = None,
    row: Annotated[
        list[str] | None, typer.Option(help="Row to train and score; give it again for several.", show_default="all")
    ] = None,
    cases: Annotated[
        int | None, typer.Option("--cases", help="Score this many cases of each data set.", min=1, show_default="all")
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=10,
            help="Cross-validate by patient: train each row once a fold, without the patients of the fold (mvo).",
            show_default="one split",
        ),
    ] = None,
    weights: Annotated[
        str,
        typer.Option(
            metavar="MODEL",
            help="Train nothing: score these released weights in the first row and in those that share its weights.",
            show_default=False,
        ),
    ] = "",
    device: DeviceOption = Device.AUTO,
) -> None:
    """Train the rows of a paper's ablation as far as they are missing, score them, and print the paper's numbers."""
    require_packages()
    from medvos_lab.ablation import RowsFailedError, run

    try:
        run(
            ABLATIONS[model],
            out,
            data=data,
            steps=steps,
            rows=row or (),
            cases=cases,
            weights=weights,
            folds=folds or 0,
            device=device.value,
            show=lambda words: typer.echo(words, err=True),
        )
    except RowsFailedError:
        _show(out)
        raise
    _show(out)


def _show(out: Path) -> None:
    typer.echo((out / "table.md").read_text(encoding="utf-8"))
