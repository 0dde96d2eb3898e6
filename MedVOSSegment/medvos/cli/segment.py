"""``medvos segment``: a clip in, every frame segmented out; nothing need be drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medvos.cli.options import Device, DeviceOption, OutOption, ProgressOption, ProgressStyle
from medvos.cli.progress import shown
from medvos.report.staging import staged

if TYPE_CHECKING:
    from medvos.measure.measures import Measures
    from medvos.propagation.progress import Report
    from medvos.report.clip_folder import ClipResult


def segment(
    clip_path: Annotated[
        Path, typer.Argument(metavar="CLIP", help="Ultrasound DICOM, AVI or MP4.", show_default=False)
    ],
    out: OutOption,
    model: Annotated[
        str, typer.Option("--model", help="A name from `medvos models`: echo-lv for the LV in apical 4-chamber echo.")
    ] = "echo-lv",
    device: DeviceOption = Device.AUTO,
    progress: ProgressOption = ProgressStyle.BAR,
) -> None:
    """Segment every frame of a clip without a drawing, and measure it beat by beat."""
    with shown(progress, f"The results are in {out}.") as report, staged(out) as staging:
        result, measures = _echo(clip_path, model, device, staging, out, report)
    if progress is ProgressStyle.BAR:
        from medvos.cli.summary import summarise

        summarise(result.provenance, measures, out)


def _echo(
    clip_path: Path, model: str, device: Device, staging: Path, out: Path, report: Report
) -> tuple[ClipResult, Measures]:
    """The LV in an apical clip; torch is loaded only when everything else is sound."""
    from medvos.cine.read import open_clip
    from medvos.models.store import resolve
    from medvos.segmentation.survey import survey

    info = resolve(model, "echo")
    clip = open_clip(clip_path)
    seen = survey(clip, report)
    from medvos.models.device import choose_device
    from medvos.report.clip_folder import write_clip
    from medvos.segmentation.echo import EchoRun

    run = EchoRun.of(clip, seen, info, choose_device(device.value))
    return write_clip(clip, run.cine, run.frames(), run.provenance, staging, out, report)
