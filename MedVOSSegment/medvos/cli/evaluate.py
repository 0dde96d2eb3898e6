"""``medvos evaluate``: compare a segmentation with the truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medvos.cli.options import LabelsOption

if TYPE_CHECKING:
    from rich.table import Table


def evaluate(
    predicted: Annotated[
        Path,
        typer.Argument(
            metavar="PRED",
            help="4D label image to score, or a folder that medvos has written; or a folder of them.",
            show_default=False,
        ),
    ],
    truth: Annotated[
        Path,
        typer.Argument(metavar="TRUTH", help="4D label image; 255 is not scored. Or a folder.", show_default=False),
    ],
    labels: LabelsOption = None,
    pred_labels: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="The same of PRED, of which --labels says nothing.", show_default="as for TRUTH"
        ),
    ] = None,
    structures: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Score these alone, such as LV,Myo.", show_default="all that TRUTH has"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare a segmentation, or the clips of a folder, with the truth: overlap, surface distance and function."""
    if truth.is_dir() and not (truth / "segmentation.nii.gz").is_file():
        from medvos.evaluate.compare_folders import compare_folders

        scores = compare_folders(predicted, truth, labels, pred_labels, structures)
    else:
        from medvos.evaluate.compare import compare_files

        scores = compare_files(predicted, truth, labels, pred_labels, structures)
    if as_json:
        typer.echo(json.dumps(scores, indent=1))
        return
    from rich.console import Console

    console = Console()
    if "cases" in scores:
        console.print(_clips_table(scores))
        for name, case in scores["cases"].items():
            _tell(case, f"{name}: ")
        typer.echo(", ".join(f"{name} {_number(value, 2)}" for name, value in scores["EF"].items()) + " (EF in points)")
        typer.echo("HD95 is in pixels for videos, which do not state their pixel size.")
        return
    console.print(_overlap_table(scores))
    if scores["volumes"]:
        console.print()
        console.print(_function_table(scores))
        typer.echo(
            f"ED is phase {scores['ED'] + 1}, ES is phase {scores['ES'] + 1}, counted from 1, as in the truth; medvos "
            "measure finds those of the segmentation itself."
        )
    _tell(scores)


def _tell(scores: dict[str, Any], of: str = "") -> None:
    for note in scores.get("notes", ()):
        typer.echo(f"Note: {of}{note}")


def _overlap_table(scores: dict[str, Any]) -> Table:
    """Tabulate overlap and surface distance of each structure, and its spurious and missed slices."""
    from medvos.cli.terminal_tables import plain_table

    table = plain_table("structure", "Dice", "J", "F", "HD95 (mm)", "spurious slices", "missed slices")
    for name, row in scores["structures"].items():
        table.add_row(name, *_overlap(row), str(row["spurious_slices"]), str(row["missed_slices"]))
    table.add_row("mean", _number(scores["mean_dice"], 3), "", "", "", "", "")
    return table


def _clips_table(scores: dict[str, Any]) -> Table:
    """Tabulate the LV of each clip of a folder, their mean, and EF beside the true one."""
    from medvos.cli.terminal_tables import plain_table

    table = plain_table("clip", "Dice", "J", "F", "HD95 (mm)", "EF found (%)", "EF true (%)")
    nothing = dict.fromkeys(("dice", "j", "f", "hd95_mm"))
    for name, case in scores["cases"].items():
        ef = case["measures"].get("LVEF", {"prediction": None, "truth": None})
        lv = case["structures"].get("LV", nothing)
        table.add_row(name, *_overlap(lv), _number(ef["prediction"], 1), _number(ef["truth"], 1))
    table.add_row("mean", *_overlap(scores["mean"]), "", "")
    return table


def _overlap(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return _number(row["dice"], 3), _number(row["j"], 3), _number(row["f"], 3), _number(row["hd95_mm"], 1)


def _function_table(scores: dict[str, Any]) -> Table:
    """Tabulate volumes in mL and EF in % of each ventricle beside the true ones."""
    from medvos.cli.terminal_tables import plain_table
    from medvos.measure.catalogue import row_of

    table = plain_table("measure", "found", "true", "error")
    for ventricle, measures in scores["volumes"].items():
        for name, row in measures.items():
            entry = row_of(f"{ventricle}{name}")
            cells = (_number(row[key], entry.decimals) for key in ("prediction", "truth", "error"))
            table.add_row(f"{entry.name} ({entry.unit})", *cells)
    return table


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
