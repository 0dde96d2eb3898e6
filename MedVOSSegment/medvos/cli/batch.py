"""``medvos batch``: a cohort, each case in a process of its own."""

from __future__ import annotations

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
    SuitedModelOption,
)
from medvos.cli.progress import shown
from medvos.errors import Cancelled, InputError, MedVOSError

if TYPE_CHECKING:
    from medvos.cohort.case import Case
    from medvos.cohort.run import Cohort


def batch(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="CSV table with the columns case, input, seed, phase and optionally truth; "
            "or a folder, in which every subfolder and every 4D file is a case.",
            show_default=False,
        ),
    ],
    out: OutOption,
    seeds: Annotated[
        str | None,
        typer.Option(
            help="Of a folder: where the seeds are, such as '{case}/seed.nii.gz' below INPUT, "
            "or a folder of label images with the cases' names.",
            show_default=False,
        ),
    ] = None,
    phase: Annotated[
        int | None, typer.Option(help="Of a folder: phase of 3D seeds, counted from 0.", show_default=False)
    ] = None,
    truth: Annotated[
        str | None,
        typer.Option(help="Of a folder: label images to compare with, given like --seeds.", show_default=False),
    ] = None,
    labels: LabelsOption = None,
    truth_labels: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="The same of the truths; --labels is of the seeds.", show_default="as for --labels"
        ),
    ] = None,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="Proposals among the seeds were looked at and are right as they are.")
    ] = False,
    model: SuitedModelOption = None,
    device: DeviceOption = Device.AUTO,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Cases at once on this computer.",
            min=1,
            show_default="one on a GPU, else one a core as memory allows",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of a Dask cluster to run on, such as tcp://host:8786.", show_default=False),
    ] = None,
    timeout: Annotated[float, typer.Option(help="End a case that takes longer than this many seconds.", min=1)] = 3600,
    progress: ProgressOption = ProgressStyle.BAR,
) -> None:
    """Segment every case of a cohort and summarise it; started again, it continues with unfinished cases."""
    if scheduler is not None and workers is not None:
        raise InputError("--workers counts cases on this computer, but --scheduler names a cluster; leave one out.")
    from medvos.cohort.place import check_apart
    from medvos.cohort.run import run_cohort
    from medvos.cohort.write_summary import write_summary

    check_apart(out, [source])
    cases = _cases(source, seeds, phase, truth)
    with shown(progress, out, unit="cases") as report:
        cohort = run_cohort(
            cases,
            out,
            report,
            model=model,
            device=device.value,
            timeout_s=timeout,
            workers=workers,
            scheduler=scheduler,
            labels=labels,
            truth_labels=truth_labels,
            confirmed=confirmed,
        )
        write_summary(cohort, out)
        _check_end(cohort)
    if progress is ProgressStyle.BAR:
        _summarise(cohort, out)


def _cases(source: Path, seeds: str | None, phase: int | None, truth: str | None) -> list[Case]:
    from medvos.cohort.case_table import read_table
    from medvos.cohort.folder import cases_in, unmatched_note

    if source.is_dir():
        if seeds is None:
            raise InputError("A folder of cases needs --seeds, such as --seeds '{case}/seed.nii.gz'.")
        cases = cases_in(source, seeds, phase, truth)
        for option, place in (("--seeds", seeds), ("--truth", truth)):
            if place is not None and (note := unmatched_note(option, place, cases)):
                typer.echo(f"Note: {note}", err=True)
        return cases
    if not source.exists():
        raise InputError(f"{source} does not exist; give a folder of cases or a CSV table of them.")
    if (seeds, phase, truth) != (None, None, None):
        raise InputError("--seeds, --phase and --truth are for a folder; a table has columns of these names.")
    return read_table(source)


def _check_end(cohort: Cohort) -> None:
    from medvos.cohort.record import Status

    count = {status: sum(record.status is status for record in cohort.records) for status in Status}
    if cohort.stopped:
        earlier = (
            f", {cohort.earlier} {'keeps its' if cohort.earlier == 1 else 'keep their'} results of an earlier batch "
            "and the summary is not written anew"
            if cohort.earlier
            else ""
        )
        raise Cancelled(
            f"Cancelled; {count[Status.FINISHED]} of {len(cohort.records)} cases are finished and kept{earlier}; "
            "start the same command again to continue."
        )
    if not count[Status.FINISHED]:
        first = cohort.records[0].reason
        if len(cohort.records) == 1:
            raise MedVOSError(f"The only case failed: {first}")
        raise MedVOSError(f"All {len(cohort.records)} cases failed; of the first: {first}")


def _summarise(cohort: Cohort, out: Path) -> None:
    from rich.console import Console

    from medvos.cohort.record import Status

    console = Console()
    finished = sum(record.status is Status.FINISHED for record in cohort.records)
    lines = [f"{record.name}: {record.reason}" for record in cohort.records if record.reason]
    lines += [f"{record.name}: doubt: {doubt}" for record in cohort.records for doubt in record.doubts]
    lines += [f"{finished} of {len(cohort.records)} cases are finished.", f"Open {out / 'cohort.html'}"]
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
