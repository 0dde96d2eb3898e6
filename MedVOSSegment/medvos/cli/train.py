"""``medvos train``: train a model's weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import Device, DeviceOption


def train(
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint and its log.", show_default=False)],
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Which network: cstm or cstm-paper.")] = "cstm",
    data: Annotated[
        Path | None, typer.Option(help="Folder of the labelled data.", show_default="MEDVOS_DATA or ../shared/data")
    ] = None,
    release: Annotated[str, typer.Option(help="Which data to learn from: open or research.")] = "open",
    steps: Annotated[int, typer.Option(help="Number of optimiser steps.", min=1)] = 7000,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Go on from the checkpoint in --out where there is one.")
    ] = True,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Train a network; what is stopped goes on where it was."""
    from medvos.train.run import train as run

    run(model=model, data=data, out=out, release=release, steps=steps, resume=resume, device=device.value)
