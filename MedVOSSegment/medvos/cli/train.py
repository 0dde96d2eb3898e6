"""``medvos train``: train a model's weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import Device, DeviceOption


def train(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Which network to train: cstm.", show_default=False)],
    data: Annotated[Path, typer.Option(help="Folder of the labelled data.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for checkpoints and weights.", show_default=False)],
    release: Annotated[str, typer.Option(help="Which data to learn from: open or research.")] = "open",
    steps: Annotated[int, typer.Option(help="Number of optimiser steps.", min=1)] = 20_000,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint in --out.")] = False,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Train a network and write its weights."""
    from medvos.train.run import train as run

    run(model=model, data=data, out=out, release=release, steps=steps, resume=resume, device=device.value)
