"""A job whose outcome is awaited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from MedVOSSegmentLib.job.events import Advanced, CancelledByUser, Event, Failed, Finished, Logged
from MedVOSSegmentLib.job.runner import RunningJob

Outcome = TypeVar("Outcome")


class PendingJob(Generic[Outcome]):
    """Polls a job to its end.

    Parameters
    ----------
    job: the running job.
    doing: what it does, shown until the first progress event.
    on_log: called with each line of the log.

    Attributes
    ----------
    outcome: the outcome of a finished job; None before, and after a failure or a cancel.
    sentence: the reason of a failure; empty otherwise.
    log: the whole log of a process that failed.
    progress: the latest progress; a total of 0 is not known yet.
    """

    def __init__(self, job: RunningJob, doing: str, on_log: Callable[[str], None]) -> None:
        self.outcome: Outcome | None = None
        self.progress = Advanced(0, 0, None, doing)
        self.sentence = self.log = ""
        self._job, self._on_log = job, on_log
        self._has_ended = False

    def poll(self, until: float, first: int) -> bool:
        """Take in the events since the last call; True at the end.

        A job that writes into the scene works until `time.monotonic` passes ``until``, phase ``first`` before others.
        """
        self._take_events()
        return self._has_ended

    def cancel(self) -> None:
        """Kill the job; the end comes with a later `poll`."""
        self._job.cancel()

    def close(self) -> None:
        """End the job at once."""
        self._job.close()

    def restore(self) -> None:
        """Bring the scene back to its state before the job; nothing to do for a job that writes nothing."""

    def _take_events(self) -> None:
        for event in self._job.poll():
            self._take(event)
            if self._has_ended:
                return

    def _take(self, event: Event) -> None:
        match event:
            case Advanced():
                self.progress = event
            case Logged(line):
                self._on_log(line)
            case Finished(outcome):
                self.outcome, self._has_ended = outcome, True
            case Failed(sentence, log):
                self.sentence, self.log, self._has_ended = sentence, log, True
            case CancelledByUser():
                self._has_ended = True
