"""``medvos measure``: volumes and function from a segmentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medvos.cli.options import (
    AgeOption,
    EdOption,
    EsOption,
    HeartRateOption,
    HeightOption,
    KnownShuntOption,
    LabelsOption,
    SexOption,
    WeightOption,
)
from medvos.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from medvos.cine.cine import Cine
    from medvos.measure.measures import Measures
    from medvos.measure.subject import Subject


def measure(
    segmentation: Annotated[
        Path,
        typer.Argument(
            metavar="SEGMENTATION",
            help="4D label image (1 RV, 2 Myo, 3 LV), or a folder that medvos has written.",
            show_default=False,
        ),
    ],
    labels: LabelsOption = None,
    ed: EdOption = None,
    es: EsOption = None,
    sex: SexOption = None,
    age: AgeOption = None,
    height: HeightOption = None,
    weight: WeightOption = None,
    heart_rate: HeartRateOption = None,
    known_shunt: KnownShuntOption = False,
    echo: Annotated[
        bool, typer.Option("--echo", help="An apical 4-chamber clip: LV by Simpson's method, beat by beat.")
    ] = False,
    two_chamber: Annotated[
        Path | None,
        typer.Option(
            help="Label image of the 2-chamber clip, for biplane Simpson; implies --echo.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, in the form of report.json.")] = False,
) -> None:
    """Measure volumes, ejection fraction, mass and wall of a 4D segmentation."""
    from medvos.measure.obstructed_volume import notice_of
    from medvos.measure.subject import Subject

    subject = Subject(None if sex is None else sex.value, age, height, weight, heart_rate, known_shunt)
    if echo or two_chamber is not None:
        doubts: list[str] = []
        measures, notes = _echo(segmentation, two_chamber, labels, subject, ed, es)
    else:
        measures, notes, doubts = _heart(segmentation, labels, subject, ed, es)
    if as_json:
        from medvos.report.document import measures_document

        notice = notice_of(measures)
        told = {"notice": notice, "notes": notes, "doubts": doubts}
        provenance = {name: value for name, value in told.items() if value}
        document = measures_document(measures) | ({"provenance": provenance} if provenance else {})
        typer.echo(json.dumps(document, indent=1, allow_nan=False))
    else:
        _show(measures)
        for line in (*(f"Doubt: {doubt}" for doubt in doubts), *(f"Note: {note}" for note in notes)):
            typer.echo(line)


def _heart(
    segmentation: Path, choice: str | None, subject: Subject, ed: int | None, es: int | None
) -> tuple[Measures, list[str], list[str]]:
    """Measure a label image, or a folder of results with intervals from its uncertainty, with notes and doubts."""
    from medvos.measure.measure import measure as measured

    if (segmentation / "report.json").is_file():
        from medvos.report.read_results import stored_result

        _refuse_choice(choice)
        result = stored_result(segmentation)
        return measured(result, subject=subject, ed=ed, es=es), [], list(result.provenance.get("doubts", ()))
    labels, cine, notes = _labels(segmentation, choice)
    return measured(labels, cine, subject=subject, ed=ed, es=es), notes, []


def _echo(
    four: Path, two: Path | None, choice: str | None, subject: Subject, ed: int | None, es: int | None
) -> tuple[Measures, list[str]]:
    from medvos.measure.echo import measure_echo

    labels, cine, notes = _labels(four, choice, echo=True)
    other = None
    if two is not None:
        *_, more = second = _labels(two, choice, echo=True)
        other, notes = (second[0], second[1]), [*notes, *more]
    if ed is None and es is None and (four / "report.json").is_file():
        from medvos.measure.doubt import with_doubts
        from medvos.measure.measure import NOT_AS_CHOSEN
        from medvos.report.read_results import chosen_phases

        try:
            ed, es = chosen_phases(four)
            return measure_echo(labels, cine, other, subject=subject, ed=ed, es=es), notes
        except InputError:
            return with_doubts(measure_echo(labels, cine, other, subject=subject), [NOT_AS_CHOSEN]), notes
    return measure_echo(labels, cine, other, subject=subject, ed=ed, es=es), notes


def _refuse_choice(choice: str | None) -> None:
    if choice is not None:
        raise InputError("--labels is for a label image; the labels of a folder that medvos has written are known.")


def _labels(path: Path, choice: str | None, echo: bool = False) -> tuple[NDArray[np.uint8], Cine, list[str]]:
    """Read labels, geometry and notes of a label image, or of a folder of results."""
    if (path / "report.json").is_file():
        from medvos.report.read_results import stored_result

        _refuse_choice(choice)
        result = stored_result(path)
        return result.labels, result.cine, []
    from medvos.cine.dicom_rhythm import at_usual_rate
    from medvos.cine.label_choice import read_choice
    from medvos.cine.label_image import in_own_numbers, read_label_image
    from medvos.cine.labels import whole_numbers
    from medvos.cine.read import LABEL_IMAGES, read
    from medvos.cine.timing import stated_step

    if not path.is_file():
        what = "is a folder without results" if path.is_dir() else "does not exist"
        raise InputError(f"{path} {what}: give a folder that medvos has written, or a 4D label image.")
    known = read_choice(choice)
    cine = read(path, every_beat=True)
    array = whole_numbers(cine.array, path.name)
    if not path.name.lower().endswith(LABEL_IMAGES):
        raise InputError(
            f"{path.name} is no label image: give a 4D NIfTI or NRRD, or a folder that medvos has written."
        )
    image = read_label_image(path, known)
    labels, notes = in_own_numbers(array, image, "The label image", known, echo or cine.is_echo)
    if echo and stated_step(image.step, image.unit) is None:
        cine = at_usual_rate(cine)
    return labels, cine, [*cine.source.notes, *notes]


def _show(measures: Measures) -> None:
    from rich.console import Console

    from medvos.cli.terminal_tables import beats_table, measures_table, wall_table
    from medvos.measure.doubt import beside_the_values
    from medvos.measure.ed_es import ed_and_es_sentences
    from medvos.measure.missing import missing
    from medvos.measure.obstructed_volume import notice_of
    from medvos.measure.verdict import verdict_sentences

    console = Console()
    console.print(measures_table(measures))
    doubts = (f"Doubt: {doubt}" for doubt in beside_the_values(measures))
    for sentence in filter(None, (notice_of(measures), *missing(measures), *doubts)):
        console.print(sentence, highlight=False, soft_wrap=True)
    for sentence in (*ed_and_es_sentences(measures), *verdict_sentences(measures)):
        console.print(sentence, highlight=False, soft_wrap=True)
    for table in (wall_table(measures), beats_table(measures)):
        if table.row_count:
            console.print()
            console.print(table)
