"""``medvos propagate``: a cine and a seed in, every slice and phase segmented out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medvos.cli.options import Device, DeviceOption, ModelOption, OutOption, ProgressOption, ProgressStyle
from medvos.cli.progress import JsonLines, shown
from medvos.errors import InputError

if TYPE_CHECKING:
    from medvos.measure.measures import Measures
    from medvos.propagation.result import Result


def propagate(
    cine_path: Annotated[
        Path, typer.Argument(metavar="INPUT", help="DICOM folder, 4D NIfTI, .seq.nrrd, AVI or MP4.", show_default=False)
    ],
    seed: Annotated[
        Path, typer.Option(help="Label image on INPUT's grid: 3D with --phase, or 4D.", show_default=False)
    ],
    out: OutOption,
    phase: Annotated[int | None, typer.Option(help="Phase of a 3D seed, counted from 0.", show_default=False)] = None,
    model: ModelOption = "cstm",
    device: DeviceOption = Device.AUTO,
    progress: ProgressOption = ProgressStyle.BAR,
) -> None:
    """Segment every slice and phase of a cine from the slices drawn in SEED."""
    from medvos.report.folder import staged, write_files

    _refuse_to_overwrite((cine_path, seed), out)
    with staged(out) as staging:
        result = _propagated(cine_path, seed, phase, model, device, progress)
        measures = write_files(result, staging, out)
    _say_done(result, measures, out, progress)


def _propagated(
    cine_path: Path, seed_path: Path, phase: int | None, model: str, device: Device, style: ProgressStyle
) -> Result:
    """Read, then propagate with progress shown."""
    from medvos.cine.read import read
    from medvos.cine.seed import read_seed
    from medvos.propagation.propagate import propagate as run

    cine = read(cine_path)
    seed = read_seed(seed_path, cine, phase)
    with shown(style) as report:
        return run(cine, seed, model=model, device=device.value, progress=report)


def _refuse_to_overwrite(inputs: tuple[Path, ...], out: Path) -> None:
    """A user who corrects a result and gives it as the next seed must not lose the correction."""
    for file in inputs:
        if file.name in ("segmentation.nii.gz", "uncertainty.nii.gz") and file.resolve().parent == out.resolve():
            raise InputError(f"{file} would be overwritten by the results; choose another folder for --out.")


def _say_done(result: Result, measures: Measures, out: Path, style: ProgressStyle) -> None:
    if style is ProgressStyle.JSON:
        frames = result.slice_scores.size
        JsonLines().write("done", frames, frames, 0.0, f"results are in {out}")
    elif style is ProgressStyle.BAR:
        from rich.console import Console

        from medvos.cli.tables import measures_table

        console = Console()
        console.print(measures_table(measures))
        for note in result.provenance.get("notes", ()):
            console.print(f"Note: {note}", markup=False, highlight=False)
        console.print(f"Open {out / 'report.html'}", markup=False, highlight=False, soft_wrap=True)
