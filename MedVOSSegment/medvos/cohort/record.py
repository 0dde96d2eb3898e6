"""The record of a case after a batch, and the file beside its results that avoids a second run."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from medvos.cohort.fingerprint import MadeFrom

FILE = "case.json"
SCHEMA = "medvos-case-1"


class Status(StrEnum):
    """The outcome of a case."""

    FINISHED = "finished"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Record:
    """One case after a batch.

    Attributes
    ----------
    name: of the case.
    status: its outcome.
    reason: why it failed, or why it could not be compared with its truth.
    seconds, peak_mb: wall-clock time and peak memory of its segmentation; None if they are not known.
    measures: as in ``report.json``.
    doubts: why its measures are doubted, or void, one sentence each.
    grade: possible grades of the LVEF, such as ``reduced or mildly reduced``; None without one.
    phases: name such as ``ED`` to the phase that the measures are of, counted from 0.
    model: name of the weights.
    compared: measure name to ``{"prediction", "truth", "unit", "reason"}``, over the slices that the truth labels.
    earlier: whether a case that was not run has whole results of other inputs or settings.
    """

    name: str
    status: Status
    reason: str | None = None
    seconds: float | None = None
    peak_mb: float | None = None
    measures: dict[str, dict[str, Any]] = field(default_factory=dict)
    compared: dict[str, dict[str, Any]] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    grade: str | None = None
    phases: dict[str, int] = field(default_factory=dict)
    model: str | None = None
    earlier: bool = False


@dataclass(frozen=True)
class Made:
    """Inputs, settings and cost of a case's results; stored beside them as ``case.json``.

    Attributes
    ----------
    made_from: as `medvos.cohort.fingerprint.made_from` returns it.
    seconds, peak_mb: as in `Record`.
    truth: digest of the truth that ``evaluation.json`` compares with, or None.
    """

    made_from: MadeFrom
    seconds: float
    peak_mb: float | None
    truth: str | None = None


def finished(name: str, made: Made, report: dict[str, Any]) -> Record:
    """Return the record of a case from its cost and its ``report.json``; raise KeyError if that has no measures."""
    return Record(
        name,
        Status.FINISHED,
        None,
        made.seconds,
        made.peak_mb,
        report["measures"],
        doubts=doubts_in(report),
        grade=" or ".join(report.get("grade", {}).get("possible", ())) or None,
        phases={name: phase for name, phase in report.get("phases", {}).items() if phase is not None},
        model=report.get("provenance", {}).get("model"),
    )


def doubts_in(report: dict[str, Any]) -> tuple[str, ...]:
    """Return all doubts of a ``report.json``: about the masks, and about the measures."""
    return (*report.get("provenance", {}).get("doubts", ()), *report.get("doubts", ()))


def read_made(folder: Path) -> Made | None:
    """Read the file in ``folder``; None if there is none that can be read."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Made(**kept) if kept.pop("schema") == SCHEMA else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_made(folder: Path, made: Made) -> None:
    """Write the file into ``folder``, completely or not at all."""
    write_json(folder / FILE, {"schema": SCHEMA, **asdict(made)})


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file, completely or not at all; raise OSError as the system does."""
    unfinished = path.with_name(f".unfinished-{uuid.uuid4().hex}.json")
    try:
        unfinished.write_text(json.dumps(content, indent=1), encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
