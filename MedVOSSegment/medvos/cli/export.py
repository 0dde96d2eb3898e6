"""``medvos export``: a result in the form that another program or an archive takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import OutOption
from medvos.errors import InputError
from medvos.export import Form


def export(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder that medvos propagate has written.", show_default=False)
    ],
    to: Annotated[Form, typer.Option("--to", help="What to write.", show_default=False)],
    out: OutOption,
    source: Annotated[
        Path | None,
        typer.Option(help="DICOM folder that was segmented, for dicom-seg and dicom-sr.", show_default=False),
    ] = None,
) -> None:
    """Write a result as DICOM, for 3D Slicer, as surfaces or as NIfTI."""
    from medvos.export import export as exported
    from medvos.report.stored import stored_result

    if out.resolve() == folder.resolve():
        raise InputError(f"{out} holds the result itself: choose another folder for --out.")
    files = exported(stored_result(folder), to, out, source)
    names = files[0].name if len(files) == 1 else f"{len(files)} files, {files[0].name} to {files[-1].name}"
    typer.echo(f"Wrote {names} into {out}.")
