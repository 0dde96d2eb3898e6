"""``medvos propagate``: segment every slice and phase of a cine from a seed."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medvos.cli.options import (
    Device,
    DeviceOption,
    LabelsOption,
    OutOption,
    ProgressOption,
    ProgressStyle,
    SeriesOption,
    SuitedModelOption,
    VideoOption,
    series_numbers,
)
from medvos.cli.out_folder import check_apart, check_same_cine, refuse_to_overwrite
from medvos.cli.partial import slices_into
from medvos.cli.progress import shown
from medvos.progress import WRITING, Parts, Progress
from medvos.staging import OPTIONAL, staged

if TYPE_CHECKING:
    from medvos.cine.cine import Cine
    from medvos.progress import Report
    from medvos.propagation.propagate import OnSlice
    from medvos.result import Result


def propagate(
    cine_path: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="DICOM folder or file, DICOMDIR, 4D NIfTI, .seq.nrrd, AVI or MP4, or an archive of one.",
            show_default=False,
        ),
    ],
    seed: Annotated[
        Path,
        typer.Option(
            help="Label image on INPUT's grid: 3D with --phase, or 4D; of a clip also a PNG of one frame with --phase.",
            show_default=False,
        ),
    ],
    out: OutOption,
    phase: Annotated[int | None, typer.Option(help="Phase of a 3D seed, counted from 0.", show_default=False)] = None,
    series: SeriesOption = None,
    labels: LabelsOption = None,
    model: SuitedModelOption = None,
    device: DeviceOption = Device.AUTO,
    previous: Annotated[
        Path | None,
        typer.Option(
            help="Folder of a result that SEED corrects: only slices that depend on its new drawings are predicted "
            "again. With --phase, slices that were drawn at other phases stay drawn.",
            show_default=False,
        ),
    ] = None,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="A proposal in SEED was looked at and is right as it is.")
    ] = False,
    # Digests of the proposals in a seed of the panel.
    proposal: Annotated[list[str] | None, typer.Option(hidden=True)] = None,
    video: VideoOption = True,
    progress: ProgressOption = ProgressStyle.BAR,
    partial: Annotated[
        Path | None,
        typer.Option(
            help="Folder that gets slice-00.npy (phases, rows, columns) and so on as each slice is done.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Segment every slice and phase of a cine from the slices drawn in SEED."""
    refuse_to_overwrite((cine_path, seed), out)
    numbers = series_numbers(series)
    with shown(progress, out) as report, staged(out, OPTIONAL) as staging:
        report(Progress(0, 0, "reading the cine"))
        parts = Parts(report)
        on_slice = None if partial is None else slices_into(partial, progress)
        working = parts.part(0.0, WRITING)
        result = _propagated(
            cine_path,
            seed,
            phase,
            numbers,
            labels,
            model,
            device,
            previous,
            tuple(proposal or ()),
            confirmed,
            working,
            on_slice,
            out,
        )
        from medvos.report.write_results import write_files

        measures = write_files(result, staging, out, video=video, progress=parts.part(WRITING, 1.0))
    if progress is ProgressStyle.BAR:
        from medvos.cli.summary import summarise

        summarise(result.provenance, measures, out)


def _propagated(
    cine_path: Path,
    seed_path: Path,
    phase: int | None,
    series: tuple[int, ...],
    labels: str | None,
    model: str | None,
    device: Device,
    previous_path: Path | None,
    proposals: tuple[str, ...],
    confirmed: bool,
    report: Report,
    on_slice: OnSlice | None,
    out: Path,
) -> Result:
    """Read, then propagate; torch is imported only after all inputs are checked."""
    from medvos.cine.label_choice import read_choice
    from medvos.cine.read import read
    from medvos.cine.seed import read_seed
    from medvos.models.store import resolve
    from medvos.propagation.correction_plan import with_drawings_of
    from medvos.propagation.suited_model import DRAWN_NETWORKS, suited_model
    from medvos.propagation.unconfirmed import PROPOSED
    from medvos.report.read_results import result_to_correct

    read_choice(labels)  # before the cine, which takes long
    named = None if model is None else resolve(model, *DRAWN_NETWORKS)
    cine = read(cine_path, series)
    info = named or resolve(suited_model(cine), *DRAWN_NETWORKS)
    check_apart(out, chain.from_iterable(cine.source.files))
    check_same_cine(out, cine, continued=previous_path)
    if info.network == "cstm" and cine.is_echo:
        cine = _noted(cine, f"{info.name} was trained on cine MRI; --model tcmn segments echo clips better.")
    seed = read_seed(seed_path, cine, phase, labels)
    if confirmed or proposals:
        seed = replace(seed, proposals=() if confirmed else proposals)
    previous = None if previous_path is None else result_to_correct(previous_path, cine)
    cine = cine if previous is None else previous.cine
    if confirmed and previous is not None:
        previous = replace(previous, provenance={**previous.provenance, PROPOSED: []})
    if previous is not None and phase is not None:
        seed = with_drawings_of(previous, seed)  # a seed of one phase cannot hold the others
    report(Progress(0, 0, "loading the network"))
    from medvos.propagation.propagate import propagate as run

    result = run(
        cine, seed, model=info.name, device=device.value, progress=report, previous=previous, on_slice=on_slice
    )
    if previous is None:
        return result
    from medvos.measure.correction import correcting

    return correcting(result, previous)


def _noted(cine: Cine, note: str) -> Cine:
    return replace(cine, source=replace(cine.source, notes=(*cine.source.notes, note)))
