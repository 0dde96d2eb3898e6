"""``medvos report``: the report of a result as HTML page or PDF."""

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
    SexOption,
    WeightOption,
)


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that medvos has written.", show_default=False)],
    out: Annotated[Path, typer.Option(help="File to write, .pdf or .html.", show_default=False)],
    source: Annotated[
        Path | None,
        typer.Option(help="The cine that was segmented, for the images behind the contours.", show_default=False),
    ] = None,
    patient: Annotated[
        bool,
        typer.Option(
            "--patient",
            help="Show name, ID, sex, age and date of study of the patient; needs the DICOM files as --source.",
        ),
    ] = False,
    ed: EdOption = None,
    es: EsOption = None,
    sex: SexOption = None,
    age: AgeOption = None,
    height: HeightOption = None,
    weight: WeightOption = None,
    heart_rate: HeartRateOption = None,
    known_shunt: KnownShuntOption = False,
) -> None:
    """Write the report of a result as PDF or as one HTML page."""
    from medvos.measure.measure import measure
    from medvos.measure.subject import Subject
    from medvos.report.patient import patient_of
    from medvos.report.read_results import result_with_images, stored_result, written_measures
    from medvos.report.report_file import check_ending, write_report

    check_ending(out)
    result = stored_result(folder) if source is None else result_with_images(folder, source)
    who = patient_of(result.cine) if patient else None
    subject = Subject(None if sex is None else sex.value, age, height, weight, heart_rate, known_shunt)
    as_stated = subject == Subject() and ed is None and es is None
    measures = written_measures(folder, result) if as_stated else measure(result, subject=subject, ed=ed, es=es)
    write_report(out, result, measures, who)
    typer.echo(f"Wrote {out}.")
