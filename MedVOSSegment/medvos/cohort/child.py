"""Run one command of the engine in a process of its own, with a time limit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from medvos.cohort.settings import Settings
from medvos.errors import Cancelled

STEP_S = 0.05
GRACE_S = 5.0  # for a command to remove its unfinished files after SIGTERM
PER_MEGABYTE = 1e6 if sys.platform == "darwin" else 1e3  # ru_maxrss is in bytes on macOS and in kilobytes elsewhere

_stopped: set[str] = set()


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes
    ----------
    code: its exit code, or minus the number of the signal that ended it.
    seconds: wall-clock time.
    peak_mb: peak of its resident memory in megabytes; on Linux at least that of the process that started it (about
        100 MB here). None if the system does not report it.
    timed_out: whether the time limit ended it.
    """

    code: int
    seconds: float
    peak_mb: float | None
    timed_out: bool = False


def stop(batch: str) -> None:
    """End all commands of a batch that this process runs, and start no more."""
    _stopped.add(batch)


def check_not_stopped(batch: str) -> None:
    """Raise Cancelled if the batch was stopped."""
    if batch in _stopped:
        raise Cancelled("The batch was stopped.")


def run_command(arguments: Sequence[str], settings: Settings, out: Path, log: Path) -> Ended:
    """Run ``medvos`` with ``arguments``; write its stdout into the file ``out`` and its stderr into ``log``.

    Raises
    ------
    Cancelled: the batch was stopped.
    """
    check_not_stopped(settings.batch)
    began = time.monotonic()
    with out.open("wb") as stdout, log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "medvos", *arguments],
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            # A process group of its own: Ctrl-C reaches it through `stop` only, and its children end with it.
            start_new_session=True,
        )
    while (ended := _poll(process)) is None:
        timed_out = time.monotonic() - began > settings.timeout_s
        if timed_out or settings.batch in _stopped:
            code, peak_mb = _end(process)
            if code == 0:  # it had already written its files
                return Ended(code, time.monotonic() - began, peak_mb)
            if not timed_out:
                check_not_stopped(settings.batch)
            return Ended(code, time.monotonic() - began, peak_mb, timed_out=True)
        time.sleep(STEP_S)
    return Ended(ended[0], time.monotonic() - began, ended[1])


def _environment(settings: Settings) -> dict[str, str]:
    """Return the environment, with a stack trace in the log if Python crashes."""
    threads = {} if settings.threads is None else {"OMP_NUM_THREADS": str(settings.threads)}
    return {**os.environ, **threads, "PYTHONIOENCODING": "utf-8", "PYTHONFAULTHANDLER": "1"}


def _poll(process: subprocess.Popen[bytes]) -> tuple[int, float | None] | None:
    """Return exit code and peak memory in MB of an ended process, else None."""
    if sys.platform == "win32":
        code = process.poll()
        return None if code is None else (code, None)
    pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    if not pid:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss / PER_MEGABYTE


def _end(process: subprocess.Popen[bytes]) -> tuple[int, float | None]:
    """End a process with SIGTERM, and with SIGKILL if it does not stop in time."""
    _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    while (ended := _poll(process)) is None:
        if time.monotonic() > deadline:
            _signal(process, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        time.sleep(STEP_S)
    return ended


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if sys.platform == "win32":
        process.terminate()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
