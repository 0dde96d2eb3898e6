"""``medvos train``: train a model's weights."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medvos.cli.options import DataOption, Device, DeviceOption
from medvos.errors import InputError

if TYPE_CHECKING:
    from medvos.models.vivim.config import Scan as SeenScan


class Network(StrEnum):
    """What can be trained."""

    CSTM = "cstm"
    CSTM_PAPER = "cstm-paper"
    ECHO_LV = "echo-lv"
    ECHO_LV_PAPER = "echo-lv-paper"
    ECHO_VIVIM = "echo-vivim"
    TCMN = "tcmn"
    TCMN_PAPER = "tcmn-paper"
    VIVIM = "vivim"
    VIVIM_PAPER = "vivim-paper"
    MVO = "mvo"
    MVO_PAPER = "mvo-paper"
    MVO_UNET = "mvo-unet"
    MVO_VIVIM = "mvo-vivim"


class Release(StrEnum):
    """On which terms the weights can be given away."""

    OPEN = "open"
    RESEARCH = "research"


class Match(StrEnum):
    """How memory is matched."""

    PLMM = "plmm"
    DENSE = "dense"


class Scan(StrEnum):
    """Orders in which Vivim scans a clip; none leaves time out."""

    FORWARD = "forward"
    BACKWARD = "backward"
    SPATIAL = "spatial"
    NONE = "none"


class Part(StrEnum):
    """What the cine-MVO network can be trained without."""

    STATIC = "static"
    MOTION = "motion"
    GUIDED = "guided"
    CONVOLVED = "convolved"
    REFINED = "refined"


class Frames(StrEnum):
    """Consecutive frames that decide on the one in their middle."""

    ONE = "1"
    THREE = "3"
    FIVE = "5"


def train(
    model: Annotated[
        Network,
        typer.Argument(
            metavar="MODEL",
            help="cstm, echo-lv, tcmn, vivim or mvo (compact), one of these with -paper, or echo-vivim, mvo-unet "
            "or mvo-vivim, to compare echo-lv and mvo with.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint and its log.", show_default=False)],
    data: DataOption = None,
    release: Annotated[
        Release | None,
        typer.Option(help="Learn from data that is free for anyone, or from ACDC too (cstm).", show_default="open"),
    ] = None,
    steps: Annotated[int, typer.Option(help="Number of optimiser steps.", min=1)] = 7000,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Go on from the checkpoint in --out where there is one.")
    ] = True,
    start: Annotated[
        Path | None,
        typer.Option(help="Folder of a run to start from, at half the learning rate (cstm).", show_default="ImageNet"),
    ] = None,
    matching: Annotated[
        Match | None, typer.Option(help="How memory is matched; dense is STCN's (cstm).", show_default="plmm, CSTM's")
    ] = None,
    k: Annotated[
        Frames | None,
        typer.Option("--k", help="Frames that decide on the one in their middle (echo).", show_default="3"),
    ] = None,
    contrastive: Annotated[
        bool | None,
        typer.Option(
            "--contrastive/--no-contrastive", help="Temporal contrastive loss (tcmn).", show_default="contrastive"
        ),
    ] = None,
    scan: Annotated[
        list[Scan] | None,
        typer.Option(help="Order of a scan; give it again for several (vivim).", show_default="all three"),
    ] = None,
    without: Annotated[
        list[Part] | None,
        typer.Option(help="Part to leave out; give it again for several (mvo).", show_default="nothing"),
    ] = None,
    frames: Annotated[
        int | None, typer.Option(help="Frames of a beat that the network is given (mvo).", min=5, show_default="10")
    ] = None,
    models: Annotated[
        Path | None, typer.Option(help="Folder that gets the weights and their card.", show_default="Models in --out")
    ] = None,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Train a network, then score and release it with its card; what is stopped goes on where it was."""
    echo = model.value.startswith("echo")
    tcmn = model in (Network.TCMN, Network.TCMN_PAPER)
    vivim = model in (Network.VIVIM, Network.VIVIM_PAPER)
    mvo = model.value.startswith("mvo")
    of_cstm = {"--release": release, "--start": start, "--matching": matching} if echo or tcmn or vivim or mvo else {}
    foreign: dict[str, object] = (
        of_cstm | ({} if echo else {"--k": k}) | ({} if tcmn else {"--contrastive": contrastive})
    )
    foreign |= {} if vivim else {"--scan": scan or None}
    foreign |= {} if mvo else {"--frames": frames}
    foreign |= {} if model in (Network.MVO, Network.MVO_PAPER) else {"--without": without or None}
    given = [option for option, value in foreign.items() if value is not None]
    if given:
        raise InputError(f"{model.value} is trained without {' and '.join(given)}; leave that out.")
    typer.echo(
        f"Training {model.value}. What has to be made of the data is made first, once, and kept in "
        f"{out.parent / 'cache'}; then its losses go to {out / 'log.jsonl'}."
    )
    common = (model.value, data, out)
    going = (steps, resume, device.value)
    if echo:
        from medvos_lab.echo.finish import finish as finish_echo
        from medvos_lab.echo.recipe import train as train_echo

        train_echo(*common, *going, int(k.value) if k else 3)
        options, finish = f" --k {k.value}" if k else "", finish_echo
    elif tcmn:
        from medvos_lab.tcmn.finish import finish as finish_tcmn
        from medvos_lab.tcmn.recipe import train as train_tcmn

        train_tcmn(*common, *going, contrastive is not False)
        options, finish = " --no-contrastive" if contrastive is False else "", finish_tcmn
    elif vivim:
        from medvos_lab.vivim.finish import finish as finish_vivim
        from medvos_lab.vivim.recipe import train as train_vivim

        train_vivim(*common, *going, _scans(scan))
        options, finish = "".join(f" --scan {one.value}" for one in scan or ()), finish_vivim
    elif mvo:
        from medvos.models.mvo.config import PARTS
        from medvos_lab.mvo.finish import finish as finish_mvo
        from medvos_lab.mvo.recipe import train as train_mvo

        parts = tuple(part for part in PARTS if part in (without or ()))
        train_mvo(*common, *going, parts, frames)
        options = "".join(f" --without {part}" for part in parts) + (f" --frames {frames}" if frames else "")
        finish = finish_mvo
    else:
        from medvos_lab.cstm.finish import finish as finish_cstm
        from medvos_lab.cstm.recipe import train as train_cstm

        terms = (release or Release.OPEN).value
        train_cstm(*common, terms, *going, matching.value if matching else None, start)
        options = f" --release {terms}" + (f" --start {start.name}" if start else "")
        options += f" --matching {matching.value}" if matching else ""
        finish = finish_cstm
    if not _is_first():
        return
    command = f"medvos train {model.value} --steps {steps} --out {out.name}{options}"
    card = finish(out, models or out / "Models", data, device.value, command)
    typer.echo(f"Released with its card {card}")


def _scans(given: list[Scan] | None) -> tuple[SeenScan, ...]:
    """The scans that were asked for, in the order in which the network has them."""
    from medvos.models.vivim.config import SCANS

    if not given:
        return SCANS
    if Scan.NONE in given and len(given) > 1:
        raise InputError("--scan none leaves time out and goes with no other; give it alone.")
    return tuple(one for one in SCANS if one in given)


def _is_first() -> bool:
    """With several GPUs every process comes to the end, and one release is enough."""
    return os.environ.get("LOCAL_RANK", "0") == "0"
