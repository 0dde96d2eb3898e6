"""``medvos info``: describe a cine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def info(
    cine_path: Annotated[
        Path, typer.Argument(metavar="INPUT", help="DICOM folder, 4D NIfTI, .seq.nrrd, AVI or MP4.", show_default=False)
    ],
) -> None:
    """Describe a cine: size, spacing, phases, and what was left out."""
    from medvos.cine.describe import describe
    from medvos.cine.read import read

    typer.echo(describe(read(cine_path)))
