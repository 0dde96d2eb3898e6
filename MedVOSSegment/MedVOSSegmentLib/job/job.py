"""A task in the second process, polled by whoever keeps the windows alive."""

from __future__ import annotations

import atexit
import os
import queue
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import ENDS, Cancelled, Event, Failed, Finished, Logged
from MedVOSSegmentLib.job.hand_over import hand_over_folder, sweep
from MedVOSSegmentLib.job.lines import event_of
from MedVOSSegmentLib.job.process import Process, this_python
from MedVOSSegmentLib.job.verdict import why_it_failed

# So many at a time keep a poll short, whatever the process prints.
EVENTS_PER_POLL = 500
# Longer than this nobody waits for a killed job to clean up; what it leaves then is swept later.
PATIENCE_S = 0.1
PATIENCE_AT_EXIT_S = 3.0
NO_RESULTS = "The segmentation process ended without whole results: start it again, or see its log."
DEFECT = "The segmentation could not be carried out because of a defect in MedVOSSegment: see its log."


class Task(Protocol):
    """What is to be done, by file."""

    def hand_over(self, folder: Path) -> list[str]:
        """Write what `medvos` needs into ``folder``; its arguments, with paths as seen from there."""

    def collect(self, folder: Path) -> Any:
        """Read what it left there."""


class Job:
    """One run. All files are written and read on a thread of its own, so no method takes longer than a moment."""

    def __init__(self, task: Task, python: Path, environment: Mapping[str, str]) -> None:
        self._task, self._python, self._environment = task, python, environment
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._process: Process | None = None
        self._cancelled = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="MedVOS job", daemon=True)

    @staticmethod
    def start(task: Task, *, python: Path | None = None, environment: Mapping[str, str] | None = None) -> Job:
        """Begin at once; ``python`` and ``environment`` are those of this process unless given."""
        job = Job(task, python or this_python(), os.environ if environment is None else environment)
        atexit.register(job._end_with_python)
        job._thread.start()
        return job

    def poll(self) -> list[Event]:
        """What has happened since the last call, in order.

        The last event of all is `Finished`, `Failed` or `Cancelled`; after a `cancel` there is no other.
        """
        if self._ended:
            return []
        if self._cancelled.is_set():
            self._ended = True
            return [Cancelled()]
        events: list[Event] = []
        while not self._ended and len(events) < EVENTS_PER_POLL:
            try:
                event = self._events.get_nowait()
            except queue.Empty:
                break
            self._ended = isinstance(event, ENDS)
            events.append(event)
        return events

    def cancel(self) -> None:
        """Kill the process, with all that it started; does not wait. Without effect after the end."""
        with self._guard:
            self._cancelled.set()
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """Cancel, and give the thread a moment to remove the hand-over folder."""
        self.cancel()
        self._thread.join(PATIENCE_S)

    @property
    def ended(self) -> bool:
        """Whether `poll` has told the end, or will tell nothing but `Cancelled`."""
        return self._ended or self._cancelled.is_set()

    def _end_with_python(self) -> None:
        self.cancel()
        self._thread.join(PATIENCE_AT_EXIT_S)

    def _run(self) -> None:
        try:
            end = self._work()
        except InputError as error:
            end = Failed(str(error), self._log())
        except OSError as error:
            end = Failed(_about_the_disk(error), self._log())
        except Exception:
            end = Failed(DEFECT, f"{self._log()}\n{traceback.format_exc()}")
        self._events.put(end)
        atexit.unregister(self._end_with_python)

    def _work(self) -> Event:
        sweep()
        with hand_over_folder() as folder:
            process = self._started(self._task.hand_over(folder), folder)
            if process is None:
                return Cancelled()
            try:
                for line in process.lines():
                    self._tell(event_of(line, folder / "partial"))
                code = process.wait()
            finally:
                process.kill()
            if self._cancelled.is_set():
                return Cancelled()
            if code != 0:
                return Failed(why_it_failed(code, process.log), process.log)
            return self._collected(folder)

    def _started(self, arguments: list[str], folder: Path) -> Process | None:
        def on_log(line: str) -> None:
            self._tell(Logged(line))

        with self._guard:
            if not self._cancelled.is_set():
                try:
                    self._process = Process(self._python, arguments, folder, self._environment, on_log)
                except OSError as error:
                    raise InputError(
                        f"The Python program {self._python.name} cannot be started ({error.strerror}): reinstall it."
                    ) from error
            return self._process

    def _collected(self, folder: Path) -> Event:
        try:
            return Finished(self._task.collect(folder))
        except (OSError, ValueError, KeyError, InputError):
            return Failed(NO_RESULTS, f"{self._log()}\n{traceback.format_exc()}")

    def _tell(self, event: Event | None) -> None:
        if event is not None:
            self._events.put(event)

    def _log(self) -> str:
        return "" if self._process is None else self._process.log


def _about_the_disk(error: OSError) -> str:
    why = (error.strerror or str(error)).lower()
    return (
        f"The cine cannot be handed to the segmentation process ({why}): make room in the folder for temporary files."
    )
