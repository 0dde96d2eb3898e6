"""Run one case: segment it unless its results are up to date, then compare it with its truth."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from medvos.cine import video
from medvos.cohort.case import Case
from medvos.cohort.child import Ended, check_not_stopped, run_command
from medvos.cohort.fingerprint import described, digest, made_from
from medvos.cohort.gpu import gpu_in_turn
from medvos.cohort.record import FILE, Made, Record, Status, finished, read_made, write_made
from medvos.cohort.settings import Settings
from medvos.cohort.verdict import why_it_failed, without_names
from medvos.errors import Cancelled, InputError
from medvos.report.document import measures_document
from medvos.report.read_results import stored_digest, stored_result, was_changed, written_measures
from medvos.staging import OPTIONAL, RESULTS, staged

EVALUATION = "evaluation.json"
LOG = "failed.log"
COMPARED_BY = 4  # increased where `medvos evaluate` computes other values, so that they are computed again


class CaseFailure(Exception):
    """A case failed. The message states why; ``ended`` is its last command, None if none was run."""

    def __init__(self, reason: str, ended: Ended | None = None) -> None:
        super().__init__(reason)
        self.ended = ended


def run_case(case: Case, folder: Path, settings: Settings) -> Record:
    """Update the results of ``case`` in ``folder``.

    Errors of a case are not raised but recorded, so that other cases go on. Earlier results stay as they are until
    new ones replace them, and with them the record of what they were made from.
    """
    try:
        made = _segmented(case, folder, settings)
        record = finished(case.name, made, _report(folder))
    except Cancelled:
        return Record(case.name, Status.NOT_RUN, earlier=read_made(folder) is not None and _is_complete(folder))
    except (CaseFailure, InputError, OSError, ValueError, KeyError) as failure:
        ended = getattr(failure, "ended", None)
        seconds, peak_mb = (ended.seconds, ended.peak_mb) if ended else (None, None)
        return Record(case.name, Status.FAILED, without_names(_reason(failure), case), seconds, peak_mb)
    if case.truth is None:
        return record
    try:
        return replace(record, compared=_compared(case.truth, folder, settings, made))
    except (Cancelled, CaseFailure, OSError, ValueError, KeyError) as failure:
        reason = without_names(_reason(failure), case)
        return replace(record, reason=f"Not compared with its truth: {reason}")


def _report(folder: Path) -> dict[str, Any]:
    """Read ``report.json``, with the measures of the labels as they are now if somebody has corrected them."""
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    if not was_changed(folder):
        return report
    return report | measures_document(written_measures(folder, stored_result(folder)))


def _segmented(case: Case, folder: Path, settings: Settings) -> Made:
    """Segment the case unless the results in ``folder`` are of these inputs and settings."""
    if case.seed is None:
        is_clip = case.cine.name.lower().endswith(video.SUFFIXES)
        drawing = (
            f"one frame and save it as {case.name}.png" if is_clip else f"one slice and save it as {case.name}.nii.gz"
        )
        raise CaseFailure(f"It has no seed: draw {drawing} in the folder of --seeds, or name its file in the table.")
    wanted = made_from(case, settings)
    made = read_made(folder)
    if made is not None and made.made_from == wanted and _is_complete(folder):
        (folder / LOG).unlink(missing_ok=True)  # of a run with other inputs or settings
        return made
    if was_changed(folder):
        raise CaseFailure(
            f"The segmentation.nii.gz in {folder.name} was changed after its report was written, and would be lost: "
            "move it away to segment the case anew, for which its inputs, settings or the version have changed."
        )
    with gpu_in_turn(settings.device, settings.gpu_in_turn):
        check_not_stopped(settings.batch)
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(".medvos-unfinished-*"):
            shutil.rmtree(left, ignore_errors=True)
        with staged(folder, OPTIONAL) as staging:
            ended = _run(_propagate(case, staging, settings), settings, Path(os.devnull), folder / LOG)
            # While files are replaced, the record would be of others than these.
            for name in (FILE, EVALUATION):
                (folder / name).unlink(missing_ok=True)
    made = Made(wanted, ended.seconds, ended.peak_mb)
    write_made(folder, made)
    return made


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in RESULTS)


def _propagate(case: Case, out: Path, settings: Settings) -> list[str]:
    """Return the arguments of the command that segments the case."""
    arguments = ["propagate", str(case.cine), "--seed", str(case.seed), "--out", str(out), "--progress", "none"]
    arguments += [] if settings.model is None else ["--model", settings.model]
    arguments += ["--device", settings.device]
    arguments += [] if case.phase is None else ["--phase", str(case.phase)]
    arguments += [] if settings.labels is None else ["--labels", settings.labels]
    return arguments + (["--confirmed"] if settings.confirmed else [])


def _compared(truth: Path, folder: Path, settings: Settings, made: Made) -> dict[str, dict[str, float | str | None]]:
    """Return the measures of ``evaluation.json``, which is written again if the truth or the segmentation changed."""
    if not truth.is_file():
        raise CaseFailure("there is no such file.")
    # What the labels are changes the comparison as the file itself does.
    evaluation = folder / EVALUATION
    wanted = " ".join(
        filter(None, (digest(truth), described(truth), stored_digest(folder), settings.truth_labels, str(COMPARED_BY)))
    )
    if made.truth != wanted or not evaluation.is_file():
        unfinished = folder / f".unfinished-{EVALUATION}"
        arguments = ["evaluate", str(folder / "segmentation.nii.gz"), str(truth), "--json"]
        arguments += [] if settings.truth_labels is None else ["--labels", settings.truth_labels]
        try:
            _run(arguments, settings, unfinished, folder / LOG)
            unfinished.replace(evaluation)
        finally:
            unfinished.unlink(missing_ok=True)
        write_made(folder, replace(made, truth=wanted))
    found: dict[str, dict[str, float | str | None]] = json.loads(evaluation.read_text(encoding="utf-8"))["measures"]
    return found


def _run(arguments: Sequence[str], settings: Settings, out: Path, log: Path) -> Ended:
    """Run a command; if it fails, keep its log and raise CaseFailure."""
    try:
        ended = run_command(arguments, settings, out, log)
    except Cancelled:
        log.unlink(missing_ok=True)
        raise
    if ended.code or ended.timed_out:
        text = log.read_text(encoding="utf-8", errors="replace")
        raise CaseFailure(why_it_failed(ended, text, f"{log.parent.name}/{log.name}"), ended)
    log.unlink()
    return ended


def _reason(failure: Exception) -> str:
    """Return the reason as a sentence, without the path of a file, which may identify the patient."""
    if isinstance(failure, CaseFailure | InputError | Cancelled):
        return str(failure)
    how = getattr(failure, "strerror", None) or type(failure).__name__
    return f"Its files cannot be read or written ({how})."
