"""``medvos segment``: segment every frame of a cine or clip without a seed."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medvos.cine.clip import Clip
from medvos.cli.options import (
    Device,
    DeviceOption,
    LabelsOption,
    OutOption,
    ProgressOption,
    ProgressStyle,
    SeriesOption,
    VideoOption,
    series_numbers,
)
from medvos.cli.out_folder import check_apart, check_same_cine, refuse_to_overwrite
from medvos.cli.progress import shown
from medvos.errors import InputError
from medvos.progress import WRITING, Parts, Progress
from medvos.staging import OPTIONAL, staged

if TYPE_CHECKING:
    from medvos.cine.cine import Cine
    from medvos.measure.measures import Measures
    from medvos.models.store import ModelInfo
    from medvos.progress import Report
    from medvos.report.write_clip_results import ClipResult
    from medvos.result import Result

SCANNING = 0.1  # fraction of the time in which a clip is read for the first time


def segment(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="Cine MRI: a DICOM folder, 4D NIfTI or .seq.nrrd; or an echo clip: ultrasound DICOM, AVI or MP4.",
            show_default=False,
        ),
    ],
    out: OutOption,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="A name from `medvos models`: echo-lv for LV, myocardium and left atrium in "
            "apical 4-chamber echo, vivim for short-axis MRI, "
            "mvo for microvascular obstruction in it.",
            show_default="echo-lv for a clip, vivim for a cine, mvo with --myocardium",
        ),
    ] = None,
    myocardium: Annotated[
        Path | None,
        typer.Option(
            help="Segmentation of all phases of the cine, or a folder that medvos has written (mvo).",
            show_default=False,
        ),
    ] = None,
    series: SeriesOption = None,
    labels: LabelsOption = None,
    device: DeviceOption = Device.AUTO,
    video: VideoOption = True,
    progress: ProgressOption = ProgressStyle.BAR,
) -> None:
    """Segment every frame of a clip or cine without a drawing, and measure it."""
    heart = None if myocardium is None else _segmentation_of(myocardium)
    numbers = series_numbers(series)
    if labels is not None and heart is None:
        raise InputError("--labels tells what the labels of --myocardium are; leave it out, or give --myocardium.")
    refuse_to_overwrite((path,) if heart is None else (path, heart), out)
    with shown(progress, out) as report, staged(out, OPTIONAL) as staging:
        report(Progress(0, 0, "reading"))
        from medvos.segmentation.segment import NETWORKS, check_heart, suited_model

        opened, networks = None, NETWORKS
        if model is None:
            opened = _opened(path, numbers)
            model = suited_model(isinstance(opened, Clip), heart is not None, path.name)
            networks = NETWORKS if heart is None else ("mvo",)  # no other network takes --myocardium
        from medvos.models.store import resolve

        info = resolve(model, *networks)
        check_heart(info, heart is not None)
        opened = opened or _opened(path, numbers, info.network)
        _check_folder(opened, out)
        result: Result | ClipResult
        if isinstance(opened, Clip):
            result, measures = _echo(opened, info, device, staging, out, report, video)
        elif heart is not None:
            result, measures = _obstruction(opened, heart, labels, info, device, staging, out, report)
        else:
            result, measures = _heart(opened, info, device, staging, out, report)
    if progress is ProgressStyle.BAR:
        from medvos.cli.summary import summarise

        summarise(result.provenance, measures, out)


def _opened(path: Path, series: tuple[int, ...] = (), network: str | None = None) -> Cine | Clip:
    """Open the input as the network takes it; without a network, as a clip where it is one."""
    from medvos.cine.read import open_clip, read

    if network is not None:
        return open_clip(path) if network == "echo" else read(path, series)
    try:
        return open_clip(path)
    except InputError:
        return read(path, series)


def _check_folder(opened: Cine | Clip, out: Path) -> None:
    """Raise InputError where the images, or the results of another cine, lie in the output folder."""
    if isinstance(opened, Clip):
        check_apart(out, (opened.file, *opened.files))  # how many frames it has is known when they have been read
    else:
        check_apart(out, chain.from_iterable(opened.source.files))
        check_same_cine(out, opened)


def _heart(
    cine: Cine, info: ModelInfo, device: Device, staging: Path, out: Path, report: Report
) -> tuple[Result, Measures]:
    """LV, myocardium and RV in a short-axis cine; torch is loaded only when everything else is sound."""
    from medvos.report.write_results import write_files
    from medvos.segmentation.short_axis import segment_heart

    parts = Parts(report)
    result = segment_heart(cine, info, device.value, parts.part(0.0, WRITING))
    return result, write_files(result, staging, out, progress=parts.part(WRITING, 1.0))


def _segmentation_of(myocardium: Path) -> Path:
    """The label image itself, or the one in a folder of results."""
    written = myocardium / "segmentation.nii.gz" if myocardium.is_dir() else myocardium
    if not written.is_file():
        what = "holds no segmentation.nii.gz" if myocardium.is_dir() else "does not exist"
        raise InputError(
            f"{myocardium.name} {what}: give a folder that medvos has written, or a label image of all phases."
        )
    return written


def _obstruction(
    cine: Cine,
    heart_path: Path,
    labels: str | None,
    info: ModelInfo,
    device: Device,
    staging: Path,
    out: Path,
    report: Report,
) -> tuple[Result, Measures]:
    """Predict microvascular obstruction in the wall of a segmented heart."""
    from medvos.cine.seed import read_labels_noted

    heart, understood = read_labels_noted(heart_path, cine, labels)
    from medvos.report.heart_origin import heart_origin, note_of
    from medvos.report.write_results import write_files

    origin = heart_origin(heart_path, cine)
    from medvos.segmentation.mvo import segment_obstruction

    parts = Parts(report)
    result = segment_obstruction(cine, heart, info, device.value, parts.part(0.0, WRITING))
    notes = [*result.provenance["notes"], *understood, *note_of(origin)]
    result = replace(result, provenance={**result.provenance, "notes": notes, **({"heart": origin} if origin else {})})
    return result, write_files(result, staging, out, progress=parts.part(WRITING, 1.0))


def _echo(
    clip: Clip, info: ModelInfo, device: Device, staging: Path, out: Path, report: Report, video: bool
) -> tuple[ClipResult, Measures]:
    """Segment the LV in an apical clip; torch is imported only after all inputs are checked."""
    from medvos.segmentation.clip_scan import scan_clip

    parts = Parts(report)
    scan = None if clip.source.views.several else scan_clip(clip, parts.part(0.0, SCANNING))
    from medvos.models.device import choose_device
    from medvos.report.write_clip_results import write_clip
    from medvos.segmentation.view_choice import inference_of

    inference = inference_of(clip, scan, info, choose_device(device.value), parts.part(0.0, SCANNING))
    check_same_cine(out, inference.cine)
    frames, rest = inference.frames(), parts.part(SCANNING, 1.0)
    return write_clip(inference.clip, inference.cine, frames, inference.provenance, staging, out, rest, video=video)
