"""``medvos info``: describe a cine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import SeriesOption, series_numbers


def info(
    cine_path: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="DICOM folder or file, DICOMDIR, 4D NIfTI, .seq.nrrd, AVI or MP4, or an archive of one.",
            show_default=False,
        ),
    ],
    series: SeriesOption = None,
) -> None:
    """Describe a cine: size, spacing, phases, and of DICOM every series with the reason why it is not read."""
    from medvos.cine.contents import contents_table
    from medvos.cine.describe import describe
    from medvos.cine.read import read, what_is_there
    from medvos.errors import InputError

    try:
        cine = read(cine_path, series_numbers(series))
    except InputError:
        # A user who is to name a series must see them.
        if table := contents_table(what_is_there(cine_path)):
            typer.echo(table)
        raise
    typer.echo(describe(cine))
