"""Run all cases of a cohort."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from medvos.cine.label_choice import read_choice
from medvos.cohort import child
from medvos.cohort.case import Case
from medvos.cohort.cluster import cases_at_once, cluster_at, this_computer, threads_each
from medvos.cohort.fingerprint import of_default_models, of_model
from medvos.cohort.gpu import takes_gpu
from medvos.cohort.place import claim
from medvos.cohort.record import Record, Status
from medvos.cohort.run_case import run_case
from medvos.cohort.settings import Settings
from medvos.models.store import resolve
from medvos.progress import Estimated, Report
from medvos.propagation.suited_model import DRAWN_NETWORKS

if TYPE_CHECKING:
    from distributed import Client, Future


@dataclass(frozen=True)
class Cohort:
    """All cases after a batch, in their given order, and whether the batch was stopped before its end."""

    records: tuple[Record, ...]
    stopped: bool = False

    @property
    def earlier(self) -> int:
        """The number of cases that were not run and have results of an earlier batch with other inputs or settings."""
        return sum(record.earlier for record in self.records)


def run_cohort(
    cases: Sequence[Case],
    out: Path,
    progress: Report,
    *,
    model: str | None = None,
    device: str = "auto",
    timeout_s: float = 3600.0,
    workers: int | None = None,
    scheduler: str | None = None,
    labels: str | None = None,
    truth_labels: str | None = None,
    confirmed: bool = False,
) -> Cohort:
    """Update ``out/cases/NAME`` of every case; cases that are finished and unchanged are not run again.

    >>> run_cohort(read_table(Path("cohort.csv")), Path("out"), print).stopped  # doctest: +SKIP
    False

    Parameters
    ----------
    cases: the cases to run.
    out: folder of the cohort, created if it does not exist; see `medvos.cohort.place.claim`.
    progress: called after each case.
    model: a name that ``medvos models`` lists; None takes for each case the one that suits its cine.
    workers: cases at once on this computer; default: one on a GPU, else one a core, limited by memory.
    scheduler: address of a Dask cluster to run on, whose workers see the files under the same paths.
    labels, truth_labels: what the labels of all seeds and of all truths are, such as ``lv=1,myo=2,rv=3``.
    confirmed: a person has looked at the proposals among the seeds, and they are right as they are.

    Raises
    ------
    InputError: ``out`` cannot be used, there is no such model or cluster, or ``labels`` cannot be read.
    """
    for text in (labels, truth_labels):
        read_choice(text)
    settings = Settings(
        uuid.uuid4().hex,
        model,
        of_default_models() if model is None else of_model(resolve(model, *DRAWN_NETWORKS)),
        device,
        timeout_s,
        labels=labels,
        truth_labels=truth_labels,
        confirmed=confirmed,
    )
    connected, settings = _workplace(settings, len(cases), workers, scheduler)
    with connected as client:
        claim(out, [case.cine for case in cases])
        # The workers' current folder may be another.
        folders = [out.resolve() / "cases" / case.name for case in cases]
        futures = client.map(run_case, [_absolute(case) for case in cases], folders, settings=settings, pure=False)
        stopped = True
        try:
            _await(futures, sum(client.nthreads().values()), progress)
            stopped = False
        except SystemExit:
            pass  # Ctrl-C or SIGTERM; finished cases are still reported
        finally:
            if stopped:
                # Running cases are ended; waiting ones return at once without a run.
                client.run(child.stop, settings.batch)
        return Cohort(tuple(_record(case, future) for case, future in zip(cases, futures, strict=True)), stopped)


def _workplace(
    settings: Settings, cases: int, workers: int | None, scheduler: str | None
) -> tuple[AbstractContextManager[Client], Settings]:
    if scheduler is not None:
        return cluster_at(scheduler), settings
    workers = workers or (1 if takes_gpu(settings.device) else cases_at_once(cases))
    return this_computer(workers), replace(settings, threads=threads_each(workers), gpu_in_turn=False)


def _absolute(case: Case) -> Case:
    seed, truth = (path and path.resolve() for path in (case.seed, case.truth))
    return replace(case, cine=case.cine.resolve(), seed=seed, truth=truth)


def _await(futures: list[Future], at_once: int, progress: Report) -> None:
    """Wait for all cases; the remaining time is by the mean time of finished ones, also of those finished before."""
    from distributed import as_completed

    seconds: list[float] = []
    progress(Estimated(0, len(futures), "segmenting"))
    for done, future in enumerate(as_completed(futures), start=1):
        seconds += _seconds_of(future)
        turns = max(1.0, (len(futures) - done) / at_once)
        left_s = turns * fmean(seconds) if seconds else None
        progress(Estimated(done, len(futures), "segmenting", left_s))


def _seconds_of(future: Future) -> list[float]:
    """Return the time of the segmentation of a finished case, in a list."""
    record: Record | None = None if future.exception() else future.result()
    finished = record is not None and record.status is Status.FINISHED
    return [record.seconds] if finished and record and record.seconds is not None else []


def _record(case: Case, future: Future) -> Record:
    """Return the record of a worker, or of its loss."""
    error = future.exception()
    if error is None:
        record: Record = future.result()
        return record
    return Record(case.name, Status.FAILED, f"Its worker was lost ({type(error).__name__}); see the cluster's log.")
