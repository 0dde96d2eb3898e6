"""``medvos train``: train a model's weights."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import Device, DeviceOption


class Network(StrEnum):
    """What can be trained."""

    CSTM = "cstm"
    CSTM_PAPER = "cstm-paper"


class Release(StrEnum):
    """On which terms the weights can be given away."""

    OPEN = "open"
    RESEARCH = "research"


class Match(StrEnum):
    """How memory is matched."""

    PLMM = "plmm"
    DENSE = "dense"


def train(
    model: Annotated[
        Network, typer.Argument(metavar="MODEL", help="cstm (compact) or cstm-paper.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint and its log.", show_default=False)],
    data: Annotated[
        Path | None, typer.Option(help="Folder of the labelled data.", show_default="MEDVOS_DATA or ../shared/data")
    ] = None,
    release: Annotated[
        Release, typer.Option(help="Learn from data that is free for anyone, or from ACDC too.")
    ] = Release.OPEN,
    steps: Annotated[int, typer.Option(help="Number of optimiser steps.", min=1)] = 7000,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Go on from the checkpoint in --out where there is one.")
    ] = True,
    start: Annotated[
        Path | None,
        typer.Option(help="Folder of a run to start from, at half the learning rate.", show_default="ImageNet"),
    ] = None,
    matching: Annotated[
        Match | None, typer.Option(help="How memory is matched; dense is STCN's.", show_default="plmm, CSTM's")
    ] = None,
    models: Annotated[
        Path | None, typer.Option(help="Folder that gets the weights and their card.", show_default="Models in --out")
    ] = None,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Train a network, then calibrate, score and release it with its card; what is stopped goes on where it was."""
    from medvos.train.finish import finish
    from medvos.train.run import train as run

    run(model.value, data, out, release.value, steps, resume, device.value, matching.value if matching else None, start)
    if os.environ.get("LOCAL_RANK", "0") != "0":
        return  # with several GPUs every process comes here, and one release is enough
    command = f"medvos train {model.value} --release {release.value} --steps {steps} --out {out.name}"
    command += f" --start {start.name}" if start else ""
    command += f" --matching {matching.value}" if matching else ""
    card = finish(out, models or out / "Models", data, device.value, command)
    typer.echo(f"Released with its card {card}")
