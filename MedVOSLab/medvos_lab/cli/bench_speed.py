"""``medvos bench speed``: how long the engine takes on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import Device, DeviceOption
from medvos.errors import InputError
from medvos_lab.recipes import RECIPES


def speed(
    out: Annotated[Path, typer.Option("--out", help="Folder for the tables.", show_default=False)],
    model: Annotated[str, typer.Option(help="Network.")] = "cstm",
    device: DeviceOption = Device.AUTO,
    beside_load: Annotated[
        bool,
        typer.Option("--beside-load", help="Time the whole command (CSTM) idle and beside a busy process instead."),
    ] = False,
) -> None:
    """Time the engine: growth with phases and slices (CSTM), a long clip (TCMN, echo), or a whole cine (Vivim, MVO)."""
    if beside_load:
        from medvos_lab.bench.beside_load import run as run_beside_load

        run_beside_load(out, device.value, model=model)
        return
    network = _network(model)
    if network == "cstm":
        from medvos_lab.bench.propagation_speed import run

        run(out, device.value, model=model)
        return
    if network in ("tcmn", "echo"):
        from medvos_lab.bench.clip_speed import run as run_clip

        run_clip(out, device.value, model)
    else:
        from medvos_lab.bench.segmentation_speed import run as run_cine

        run_cine(out, device.value, model)
    typer.echo((out / "speed.md").read_text(encoding="utf-8"))


def _network(model: str) -> str:
    """Return the kind of a model's network.

    Raises
    ------
    InputError: its weights are not here; the message states how to train them where there is a recipe.
    """
    from medvos.models.store import resolve

    try:
        return resolve(model, "cstm", "echo", "mvo", "tcmn", "vivim").network
    except InputError as error:
        if model not in RECIPES or RECIPES[model].kind == "cstm":
            raise
        raise InputError(
            f"There are no weights of '{model}' here; train them: medvos train {model} --out runs/{model}, and set "
            f"MEDVOS_MODELS to runs/{model}/Models."
        ) from error
