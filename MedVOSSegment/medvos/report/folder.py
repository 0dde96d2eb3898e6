"""The folder of results: it appears, or changes, only when everything in it is ready."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medvos.cine.write import write_nifti
from medvos.errors import InputError
from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.propagation.result import Result
from medvos.report.document import report_document
from medvos.report.page import report_page
from medvos.report.table import volumes_csv


def write_results(result: Result, folder: str | Path) -> Measures:
    """Write segmentation.nii.gz, uncertainty.nii.gz, volumes.csv, report.json and report.html into a folder.

    Files of these names are replaced, once all are ready; other files in the folder stay as they are.

    Raises
    ------
    InputError: the folder cannot be written, or its disk is full.
    """
    with staged(Path(folder)) as staging:
        return write_files(result, staging, Path(folder))


def write_files(result: Result, staging: Path, folder: Path) -> Measures:
    """Write the five files into ``staging``; ``folder`` is the name that the user knows."""
    measures = measure(result)
    with _disk_errors(folder):
        write_nifti(staging / "segmentation.nii.gz", result.labels, result.cine)
        write_nifti(staging / "uncertainty.nii.gz", result.uncertainty, result.cine)
        (staging / "volumes.csv").write_text(volumes_csv(measures), encoding="utf-8")
        document = json.dumps(report_document(result, measures), indent=1, allow_nan=False)
        (staging / "report.json").write_text(document, encoding="utf-8")
        (staging / "report.html").write_text(report_page(result, measures), encoding="utf-8")
    return measures


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A hidden folder on the disk of ``folder``, whose files move there when the block ends without an error.

    It stands inside ``folder`` where that exists, else in its nearest parent, so that a move is a rename.

    Raises
    ------
    InputError: at once, before any work is done, where ``folder`` cannot be written.
    """
    base = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not base.is_dir():
        raise InputError(f"{base} is a file, so no results can be written to {folder}; choose another folder.")
    staging = base / f".medvos-unfinished-{os.getpid()}"
    try:
        with _disk_errors(folder):
            staging.mkdir(exist_ok=True)
        yield staging
        with _disk_errors(folder), _uninterrupted():
            _move(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _move(staging: Path, folder: Path) -> None:
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging.rename(folder)
        return
    files = sorted(staging.iterdir())
    for file in files:
        if (folder / file.name).is_dir():
            raise InputError(f"{folder / file.name} is a folder where a file should go; remove it or choose another.")
    for file in files:
        file.replace(folder / file.name)


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    """Say what the operating system refuses in terms of the folder that the user named."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(
            f"Cannot write results to {folder} ({why}); make room or permit writing there, or choose another folder."
        ) from error


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back: a few renames take milliseconds and must happen all or none."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
