"""A task in the second process, polled from the main thread."""

from __future__ import annotations

import atexit
import os
import queue
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import ENDS, CancelledByUser, Event, Failed, Finished, Logged, parse_event
from MedVOSSegmentLib.job.exit_reason import explain_exit
from MedVOSSegmentLib.job.hand_over import hand_over_folder, sweep
from MedVOSSegmentLib.job.process import Process, this_python
from MedVOSSegmentLib.job.tasks import Task
from MedVOSSegmentLib.job.wording import Wording
from MedVOSSegmentLib.text import tr

# Keeps a poll short, whatever the process prints.
EVENTS_PER_POLL = 500
# Seconds to wait for a killed job to clean up; a folder that is left then is swept later.
PATIENCE_S = 0.1
PATIENCE_AT_EXIT_S = 3.0


class ProcessJob:
    """One run of the second process.

    All files are written and read on a thread of its own, so that every method returns in milliseconds.

    Example: ``job = ProcessJob.start(task)``, then `poll` every 50 ms until its last event.
    """

    def __init__(self, task: Task, python: Path, environment: Mapping[str, str]) -> None:
        self._task, self._python, self._environment = task, python, environment
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._process: Process | None = None
        self._cancelled = threading.Event()
        self._is_past_cancel = False
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="MedVOS job", daemon=True)

    @staticmethod
    def start(task: Task, *, python: Path | None = None, environment: Mapping[str, str] | None = None) -> ProcessJob:
        """Start ``task`` at once; ``python`` and ``environment`` default to those of this process."""
        job = ProcessJob(task, python or this_python(), os.environ if environment is None else environment)
        atexit.register(job._end_with_python)
        job._thread.start()
        return job

    def poll(self) -> list[Event]:
        """Return the events since the last call, in order.

        The last event of all is `Finished`, `Failed` or `CancelledByUser`; after a `cancel` there is no other.
        """
        if self._ended:
            return []
        if self._cancelled.is_set():
            self._ended = True
            return [CancelledByUser()]
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
        """Kill the process and its children without waiting.

        Has no effect after the end, nor while the results of a task that `is_final` are put in place.
        """
        with self._guard:
            if self._is_past_cancel:
                return
            self._cancelled.set()
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """Cancel, and give the thread a moment to remove the hand-over folder."""
        self.cancel()
        self._thread.join(PATIENCE_S)

    @property
    def ended(self) -> bool:
        """Whether `poll` has returned the end, or will return nothing but `CancelledByUser`."""
        return self._ended or self._cancelled.is_set()

    def _end_with_python(self) -> None:
        self.cancel()
        self._thread.join(None if self._is_past_cancel else PATIENCE_AT_EXIT_S)

    def _run(self) -> None:
        try:
            end = self._work()
        except InputError as error:
            end = Failed(str(error), self._log())
        except OSError as error:
            end = Failed(_explain_disk_error(error, self._task.wording), self._log())
        except Exception:
            end = self._broken(self._task.wording.defect)
        # A job outlives its end, and its task may hold a whole result and facts of a person.
        del self._task
        self._events.put(end)
        atexit.unregister(self._end_with_python)

    def _work(self) -> Event:
        sweep()
        with hand_over_folder() as folder:
            process = self._started(self._task.hand_over(folder), folder)
            if process is None:
                return CancelledByUser()
            try:
                for line in process.lines():
                    self._emit(parse_event(line, folder / "partial"))
                code = process.wait()
            finally:
                process.kill()
            with self._guard:
                if self._cancelled.is_set():
                    return CancelledByUser()
                self._is_past_cancel = code == 0 and self._task.is_final
            if code != 0:
                return Failed(explain_exit(code, process.log, self._task.wording), process.log)
            return self._collected(folder)

    def _started(self, arguments: list[str], folder: Path) -> Process | None:
        def on_log(line: str) -> None:
            self._emit(Logged(line))

        with self._guard:
            if not self._cancelled.is_set():
                try:
                    self._process = Process(self._python, arguments, folder, self._environment, on_log)
                except OSError as error:
                    raise InputError(
                        tr("The Python program {program} cannot be started ({reason}): reinstall it.").format(
                            program=self._python.name, reason=error.strerror
                        )
                    ) from error
            return self._process

    def _collected(self, folder: Path) -> Event:
        try:
            return Finished(self._task.collect(folder))
        except (OSError, ValueError, KeyError, InputError) as error:
            if self._task.is_final and isinstance(error, InputError):
                raise
            return self._broken(self._task.wording.no_results)

    def _broken(self, sentence: str) -> Failed:
        """Return the end by the error that is being handled, and log it."""
        trace = traceback.format_exc()
        for line in trace.splitlines():
            self._emit(Logged(line))
        return Failed(sentence, f"{self._log()}\n{trace}")

    def _emit(self, event: Event | None) -> None:
        if event is not None:
            self._events.put(event)

    def _log(self) -> str:
        return "" if self._process is None else self._process.log


def _explain_disk_error(error: OSError, wording: Wording) -> str:
    return wording.no_room.format(why=(error.strerror or str(error)).lower())
