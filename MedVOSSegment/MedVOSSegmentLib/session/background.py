"""The one job that the second process may do for a session at a time."""

from __future__ import annotations

import logging
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Advanced
from MedVOSSegmentLib.job.runner import JobStarter
from MedVOSSegmentLib.job.tasks import Task
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.label_writer import LabelWriter
from MedVOSSegmentLib.session.pending_job import PendingJob
from MedVOSSegmentLib.session.pending_propagation import PendingPropagation, PropagationRequest
from MedVOSSegmentLib.text import tr

LOG_LINES = 2000
RUNNING = tr("The segmentation is running: wait for its end or cancel it first.")
UNCHANGED = tr("Cancelled: the segments are as they were.")
LOST = tr(
    "The result could not be brought into the scene, and the segments are as they were: start again, or see the log."
)

Outcome = TypeVar("Outcome")
Accept = Callable[[Outcome], Iterator[None]]
"""Takes an outcome into the scene, in parts of some milliseconds each."""

logger = logging.getLogger(__name__)


@dataclass
class _Running:
    """The current job, the edit that it works on, and how its outcome is accepted."""

    edit: HeartEdit
    job: PendingJob[Any]
    accept: Accept[Any]
    cancelled: str
    is_whole: bool
    ending: Iterator[None] | None = None


class Background:
    """Starts a job for a `HeartEdit` and passes its outcome on.

    Parameters
    ----------
    runner: starts jobs.
    say: called with a sentence for the user, mostly at the end.
    on_log: called with each line of the log.
    """

    def __init__(self, runner: JobStarter, say: Callable[[str], None], on_log: Callable[[str], None]) -> None:
        self.say = say
        self._runner, self._on_log = runner, on_log
        self._running: _Running | None = None
        self._lines: deque[str] = deque(maxlen=LOG_LINES)

    @property
    def is_running(self) -> bool:
        """Whether a job is running, or its outcome is being taken in."""
        return self._running is not None

    @property
    def is_whole(self) -> bool:
        """Whether the whole cine is being segmented, rather than a slice."""
        return self._running is not None and self._running.is_whole

    @property
    def progress(self) -> Advanced | None:
        """The progress of the job; None where none is running. A total of 0 is not known yet."""
        return None if self._running is None else self._running.job.progress

    @property
    def log(self) -> str:
        """The newest lines of the process that ran last."""
        return "\n".join(self._lines)

    @property
    def writer(self) -> LabelWriter | None:
        """The queue of slices of a running propagation."""
        job = None if self._running is None else self._running.job
        return job.writer if isinstance(job, PendingPropagation) else None

    def require_idle(self) -> None:
        """Raise InputError while a job is running."""
        if self._running is not None:
            raise InputError(RUNNING)

    def start(
        self,
        edit: HeartEdit,
        task: Task,
        doing: str,
        accept: Accept[Any],
        *,
        cancelled: str = UNCHANGED,
        is_whole: bool = True,
    ) -> None:
        """Start ``task``; ``accept`` takes its outcome. Raises InputError where the runner is busy.

        Parameters
        ----------
        doing: shown as progress until the first event.
        cancelled: the sentence after a cancel.
        is_whole: the whole cine is segmented, rather than a slice.
        """
        self._lines.clear()
        job: PendingJob[Any] = PendingJob(self._runner.start(task), doing, self._hear)
        self._running = _Running(edit, job, accept, cancelled, is_whole)

    def start_propagation(
        self,
        edit: HeartEdit,
        task: Task,
        request: PropagationRequest,
        writer: LabelWriter,
        accept: Callable[[PendingPropagation], Iterator[None]],
    ) -> PendingPropagation:
        """Start a propagation that writes slices into the scene as they are done; ``accept`` takes it at its end."""
        self._lines.clear()
        job = PendingPropagation(self._runner.start(task), request, writer, self._hear)
        self._running = _Running(edit, job, lambda _outcome: accept(job), UNCHANGED, is_whole=True)
        return job

    def poll(self, until: float) -> None:
        """Take in events and write, until `time.monotonic` passes ``until`` or a little later."""
        running = self._running
        if running is None:
            return
        try:
            self._advance(running, until)
        except Exception:
            # The scene was changed meanwhile, or there is a defect: it must not come again at every poll.
            logger.exception("The outcome of a job could not be taken in.")
            self._lines += traceback.format_exc().splitlines()
            self._give_up(running.edit)

    def cancel(self) -> None:
        """Stop the job; later polls restore the scene. Has no effect while the outcome is being taken in."""
        if self._running is not None and self._running.ending is None:
            self._running.job.cancel()

    def close(self, *, restore: bool) -> None:
        """Stop the job at once; ``restore`` brings the scene back, or takes in the rest of an outcome."""
        running, self._running = self._running, None
        if running is None:
            return
        running.job.close()
        if restore and running.ending is not None:
            for _ in running.ending:
                pass
        elif restore:
            running.job.restore()

    def _advance(self, running: _Running, until: float) -> None:
        if running.ending is not None:
            self._step_ending(running.ending, until)
            return
        is_over = running.job.poll(until, running.edit.phase)
        running.edit.save_written()
        if is_over:
            running.ending = self._end(running)

    def _step_ending(self, ending: Iterator[None], until: float) -> None:
        for _ in ending:
            if time.monotonic() > until:
                return
        self._running = None

    def _end(self, running: _Running) -> Iterator[None]:
        job = running.job
        if job.sentence:
            self._lines = deque(job.log.splitlines(), maxlen=LOG_LINES)
            self.say(job.sentence)
        elif job.outcome is None:
            self.say(running.cancelled)
        else:
            yield from running.accept(job.outcome)

    def _give_up(self, edit: HeartEdit) -> None:
        """End the job and take its part back out of the scene, as far as the scene allows."""
        if self._running is not None:
            self._running.ending = None
        with suppress(Exception):
            self.close(restore=True)
            edit.show_findings()
            edit.save()
        self.say(LOST)

    def _hear(self, line: str) -> None:
        self._lines.append(line)
        self._on_log(line)
