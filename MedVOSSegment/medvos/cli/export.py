"""``medvos export``: a result in a format for another program or an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import (
    AgeOption,
    EdOption,
    EsOption,
    HeartRateOption,
    HeightOption,
    KnownShuntOption,
    OutOption,
    SexOption,
    WeightOption,
)
from medvos.errors import InputError
from medvos.export import Form


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that medvos has written.", show_default=False)],
    to: Annotated[Form, typer.Option("--to", help="What to write.", show_default=False)],
    out: OutOption,
    source: Annotated[
        Path | None,
        typer.Option(help="DICOM folder that was segmented, for dicom-seg and dicom-sr.", show_default=False),
    ] = None,
    ed: EdOption = None,
    es: EsOption = None,
    sex: SexOption = None,
    age: AgeOption = None,
    height: HeightOption = None,
    weight: WeightOption = None,
    heart_rate: HeartRateOption = None,
    known_shunt: KnownShuntOption = False,
) -> None:
    """Write a result as DICOM, for 3D Slicer, as surfaces or as NIfTI."""
    from medvos.export import export as exported
    from medvos.measure.subject import Subject
    from medvos.report.read_results import stored_result

    subject = Subject(None if sex is None else sex.value, age, height, weight, heart_rate, known_shunt)
    if to is not Form.DICOM_SR and (subject != Subject() or ed is not None or es is not None):
        raise InputError("Options of phases and of the person apply to dicom-sr alone: leave them out.")
    if out.resolve() == folder.resolve():
        raise InputError(f"{out} holds the result itself: choose another folder for --out.")
    result = stored_result(folder)
    if to is Form.STL and not result.cine.is_echo:
        from medvos.export.stl import expected_size

        count, size = expected_size(result)
        typer.echo(f"Writing {count} surfaces, one of each structure and phase, about {size / 1e6:.0f} MB ...")
    files = exported(result, to, out, source, subject=subject, ed=ed, es=es)
    names = files[0].name if len(files) == 1 else f"{len(files)} files, {files[0].name} to {files[-1].name}"
    typer.echo(f"Wrote {names} into {out}.")
