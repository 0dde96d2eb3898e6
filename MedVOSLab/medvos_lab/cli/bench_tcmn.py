"""``medvos bench tcmn``: structures that TCMN follows, seen and unseen in its training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import DataOption, Device, DeviceOption


def tcmn(
    out: Annotated[Path, typer.Option("--out", help="Folder for the tables.", show_default=False)],
    data: DataOption = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Network, NAME+dense, copy or flow; give it again for several.", show_default="all"),
    ] = None,
    unseen: Annotated[
        bool,
        typer.Option("--unseen", help="Score what weights of `train --leave-out` have not learnt from, and only that."),
    ] = False,
    cases: Annotated[
        int | None, typer.Option(help="Score this many cases of each data set.", min=1, show_default="all")
    ] = None,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Score each structure of CAMUS and ACDC at ES from its mask at ED, seen in the training or unseen."""
    from medvos_lab.tcmn.unseen import run

    run(data, out, tuple(model or ()), unseen, cases, device.value)
    typer.echo((out / "tcmn.md").read_text(encoding="utf-8"))
