"""Starting jobs, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Event
from MedVOSSegmentLib.job.process_job import ProcessJob
from MedVOSSegmentLib.job.tasks import Task


class RunningJob(Protocol):
    """A `ProcessJob`, or a stand-in in tests."""

    def poll(self) -> list[Event]: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class JobStarter(Protocol):
    """A `Runner`, or a stand-in in tests."""

    def start(self, task: Task) -> RunningJob: ...


class Runner:
    """Starts tasks one after the other, like `ProcessJob.start`."""

    def __init__(self, python: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._python, self._environment = python, environment
        self._job: ProcessJob | None = None

    def start(self, task: Task) -> ProcessJob:
        """Start ``task``; raises InputError while another job is running."""
        if self._job is not None and not self._job.ended:
            raise InputError(task.wording.running)
        self._job = ProcessJob.start(task, python=self._python, environment=self._environment)
        return self._job
