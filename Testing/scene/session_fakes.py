"""Stand-ins for the second process and for the segments, for tests of the session."""

from __future__ import annotations

from copy import deepcopy
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.errors import InputError
from medvos.measure.measure import measure
from medvos.report.document import measures_document
from MedVOSSegmentLib.job.events import CancelledByUser, Event, Finished
from MedVOSSegmentLib.job.outcome import PropagationOutcome


class FakeJob:
    """Returns the `events` of a test, all at the next poll."""

    def __init__(self, task: Any) -> None:
        self.task = task
        self.events: list[Event] = []
        self.is_cancelled = self.is_closed = False

    def poll(self) -> list[Event]:
        if self.is_cancelled:
            self.events = [CancelledByUser()]
        events, self.events = self.events, []
        return events

    def cancel(self) -> None:
        self.is_cancelled = True

    def close(self) -> None:
        self.is_closed = True


class FakeRunner:
    """Starts fake jobs; the newest is `job`."""

    def __init__(self) -> None:
        self.job: FakeJob | None = None
        self.refusal = ""

    def start(self, task: Any) -> FakeJob:
        if self.refusal:
            raise InputError(self.refusal)
        self.job = FakeJob(task)
        return self.job


class FakeSegments:
    """Labels in memory; `written` lists the (phase, slice) of every call."""

    def __init__(self, labels: NDArray[np.uint8]) -> None:
        self.now = labels.copy()
        self.written: list[list[tuple[int, int]]] = []

    def phase_labels(self, phase: int) -> NDArray[np.uint8]:
        return self.now[phase].copy()

    def set_labels(self, labels: NDArray[np.uint8], places: NDArray[np.bool_]) -> None:
        self.now[places] = labels[places]
        self.written.append([(int(t), int(z)) for t, z in np.argwhere(places)])


_documents: dict[str, dict[str, Any]] = {}


def measured(cine: Cine, labels: NDArray[np.uint8]) -> dict[str, Any]:
    """The measures of a heart as the second process writes them; computed once for equal hearts."""
    numbers = (labels, cine.array, cine.affine, cine.times)
    facts = (
        cine.shape,
        cine.period,
        cine.source,
        *(sha256(np.ascontiguousarray(each)).hexdigest() for each in numbers),
    )
    document = _documents.setdefault(repr(facts), {})
    if not document:
        document |= measures_document(measure(labels, cine))
    return deepcopy(document)


def an_outcome(cine: Cine, labels: NDArray[np.uint8], seconds: float = 100.0) -> PropagationOutcome:
    """A result whose scores rise from slice to slice and phase to phase."""
    shape = cine.shape[:2]
    scores = np.linspace(0, 0.9, shape[0] * shape[1], dtype=np.float32).reshape(shape)
    document = measured(cine, labels)
    document["measures"]["LVEF"]["interval"] = [50.0, 60.0]
    uncertainty = np.full(cine.shape, 0.25, np.float32)
    provenance = {"model": "cstm", "seconds": seconds, "notes": [], "seeds": [{"phase": 0, "slice": 3}]}
    return PropagationOutcome(labels, uncertainty, scores, document["measures"], document["phases"], provenance)


def finished(cine: Cine, labels: NDArray[np.uint8], seconds: float = 100.0) -> Finished:
    """The end of a job that found these labels."""
    return Finished(an_outcome(cine, labels, seconds))
