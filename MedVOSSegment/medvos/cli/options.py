"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medvos.errors import InputError


class Device(StrEnum):
    """Where the network runs."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


class Sex(StrEnum):
    """Sex of the person, for the reference ranges."""

    F = "F"
    M = "M"


class ProgressStyle(StrEnum):
    """How progress is shown."""

    BAR = "bar"
    JSON = "json"
    NONE = "none"


DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the labelled data.", show_default="MEDVOS_DATA or ../shared/data"),
]
DeviceOption = Annotated[Device, typer.Option("--device", help="Where the network runs; auto takes a GPU if any.")]
ModelOption = Annotated[str, typer.Option("--model", help="A name from `medvos models`.")]
SuitedModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", help="A name from `medvos models`.", show_default="cstm, or tcmn for an ultrasound clip or video"
    ),
]
OutOption = Annotated[Path, typer.Option("--out", help="Folder for the results; made where it does not exist.")]
ProgressOption = Annotated[
    ProgressStyle,
    typer.Option("--progress", help="bar on stderr, json with one object per line on stdout, or none."),
]

VideoOption = Annotated[
    bool, typer.Option("--video/--no-video", help="Of a clip, write overlay.mp4 with its contours too.")
]

SeriesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--series",
        metavar="NUMBERS",
        help="Of DICOM, read these series: a number, several with commas, or the option several times.",
        show_default="the short-axis cine, by evidence",
    ),
]
LabelsOption = Annotated[
    str | None,
    typer.Option(
        "--labels",
        metavar="TEXT",
        help="What the labels are, such as lv=1,myo=2,rv=3 (also la, mvo, other for a structure of your own, and none "
        "to leave one out), by number or by a segment's name.",
        show_default="by names in the file, else 1 RV, 2 Myo, 3 LV if that fits",
    ),
]
EdOption = Annotated[int | None, typer.Option("--ed", help="End-diastolic phase, from 0.", show_default="largest LV")]
EsOption = Annotated[int | None, typer.Option("--es", help="End-systolic phase, from 0.", show_default="smallest LV")]
SexOption = Annotated[
    Sex | None, typer.Option("--sex", help="Of the person, for reference ranges.", show_default=False)
]
AgeOption = Annotated[int | None, typer.Option("--age", help="In years, for reference ranges.", show_default=False)]
HeightOption = Annotated[float | None, typer.Option("--height", help="In cm, for values per m².", show_default=False)]
WeightOption = Annotated[float | None, typer.Option("--weight", help="In kg, for values per m².", show_default=False)]
HeartRateOption = Annotated[
    float | None,
    typer.Option("--heart-rate", help="Beats per minute, in place of the file's.", show_default=False),
]
KnownShuntOption = Annotated[
    bool,
    typer.Option("--known-shunt", help="A shunt or a regurgitation is known, with which LVSV and RVSV differ."),
]


def series_numbers(texts: Sequence[str] | None) -> tuple[int, ...]:
    """Return the numbers in the values of ``--series``; InputError where one is not a number.

    >>> series_numbers(["5,9", "12"])
    (5, 9, 12)
    """
    parts = [part.strip() for text in texts or () for part in text.split(",") if part.strip()]
    for part in parts:
        if not part.isdecimal():
            raise InputError(f"--series takes numbers of series, such as 5 or 5,9, and not '{part}'.")
    return tuple(dict.fromkeys(map(int, parts)))
