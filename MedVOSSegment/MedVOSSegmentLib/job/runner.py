"""Who starts jobs, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Event
from MedVOSSegmentLib.job.job import Job, Task


class Running(Protocol):
    """A `Job`, or what stands in for one."""

    def poll(self) -> list[Event]: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class Starts(Protocol):
    """A `Runner`, or what stands in for one."""

    def start(self, task: Task) -> Running: ...


class Runner:
    """Starts tasks one after the other, like `Job.start`."""

    def __init__(self, python: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._python, self._environment = python, environment
        self._job: Job | None = None

    def start(self, task: Task) -> Job:
        """Raises InputError while another job is running."""
        if self._job is not None and not self._job.ended:
            raise InputError("A segmentation is running already: wait for its end or cancel it first.")
        self._job = Job.start(task, python=self._python, environment=self._environment)
        return self._job
