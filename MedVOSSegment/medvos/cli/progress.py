"""Show progress: a bar for a person, JSON lines for a program."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from medvos.cli.options import ProgressStyle
from medvos.errors import Cancelled
from medvos.progress import Estimated

if TYPE_CHECKING:
    from rich.console import Console

    from medvos.progress import Progress, Report

AT_ONCE_S = 1.0
EVERY_S = 10.0  # between two lines where there is no terminal


@contextmanager
def shown(style: ProgressStyle, out: Path, unit: str = "images") -> Iterator[Report]:
    """Yield a callable that shows a `Progress`; where nothing else is printed, the folder of the results follows.

    A bar needs a terminal; elsewhere it is a line every ten seconds. As JSON, the last line is ``done``.
    """
    if style is ProgressStyle.BAR:
        from rich.console import Console

        console = Console(stderr=True)
        with _bar(unit, console) if console.is_terminal else plain_lines(unit) as report:
            yield report
    elif style is ProgressStyle.JSON:
        lines = JsonLines()
        yield lines
        lines.done(f"The results are in {out}.")
    else:
        yield lambda progress: None
        typer.echo(out)


class TimeLeft:
    """Estimates the seconds that are left from the progress since the number of images is known.

    What is done within the first second does not count as speed. Where the work states the seconds itself, they are
    counted down from its latest report.
    """

    def __init__(self) -> None:
        self._start: float | None = None
        self._before = 0
        self._stated: Estimated | None = None
        self._stated_at = 0.0

    def of(self, progress: Progress) -> float | None:
        """Return the seconds that are left; None while that is not known."""
        if not progress.total:
            return None
        if progress.done == progress.total:
            return 0.0
        if isinstance(progress, Estimated):
            return self._counted_down(progress)
        if self._start is None:
            self._start = time.monotonic()
        seconds = time.monotonic() - self._start
        if seconds < AT_ONCE_S:
            self._before = progress.done
        done = progress.done - self._before
        return seconds / done * (progress.total - progress.done) if done > 0 else None

    def _counted_down(self, progress: Estimated) -> float | None:
        """Return the stated seconds less those since then; None once they are over."""
        now = time.monotonic()
        if progress is not self._stated:
            self._stated, self._stated_at = progress, now
        left = (progress.left_s or 0.0) - (now - self._stated_at)
        return left if left > 0 else None


class JsonLines:
    """One JSON object per line on stdout, with the keys event, done, total, eta_s and message."""

    def __init__(self) -> None:
        self._left = TimeLeft()
        self._total = 0

    def __call__(self, progress: Progress) -> None:
        self._total = progress.total
        left = self._left.of(progress)
        rounded = None if left is None else round(left, 1)
        _write_progress("progress", progress.done, progress.total, rounded, progress.message)

    def done(self, message: str) -> None:
        """Write the last line."""
        _write_progress("done", self._total, self._total, 0.0, message)


def _write_progress(event: str, done: int, total: int, eta_s: float | None, message: str) -> None:
    write_line(event=event, done=done, total=total, eta_s=eta_s, message=message)


def write_line(**line: Any) -> None:
    """Write one JSON object to stdout and flush it at once for the program that waits for it.

    Raises Cancelled where that program is gone.
    """
    try:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    except BrokenPipeError as error:
        # Python flushes what is still buffered at exit; redirect it to avoid a second error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Cancelled("Nobody reads the progress any more; nothing was written.") from error


@contextmanager
def plain_lines(unit: str, every_s: float = EVERY_S) -> Iterator[Report]:
    """Yield a callable whose latest progress is written to stderr every ten seconds, as a line for a log."""
    began, left, ended = time.monotonic(), TimeLeft(), threading.Event()
    latest: list[Progress] = []

    def report(progress: Progress) -> None:
        left.of(progress)
        latest[:] = [progress]

    def write() -> None:
        while not ended.wait(every_s):
            # A log that cannot be written any more is no reason to stop.
            with suppress(OSError, ValueError):
                if latest:
                    typer.echo(_line(time.monotonic() - began, latest[0], left.of(latest[0]), unit), err=True)

    thread = threading.Thread(target=write, name="MedVOS progress", daemon=True)
    thread.start()
    try:
        yield report
    finally:
        ended.set()
        thread.join()


def _line(seconds: float, progress: Progress, left: float | None, unit: str) -> str:
    counted = f", {progress.done} of {progress.total} {unit}" if progress.total else ""
    remaining = "" if left is None else f", about {round(left)} s left"
    return f"{round(seconds)} s: {progress.message}{counted}{remaining}"


@contextmanager
def _bar(unit: str, console: Console) -> Iterator[Report]:
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    left = TimeLeft()
    latest: list[Progress] = []

    class Remaining(ProgressColumn):
        """The time that is left, estimated as in every other output."""

        def render(self, task: Task) -> Text:
            seconds = left.of(latest[0]) if latest else None
            return Text("--:--" if seconds is None else "{:02d}:{:02d}".format(*divmod(round(seconds), 60)))

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TextColumn("left"),
        Remaining(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        # Without a total the bar moves back and forth.
        task = bar.add_task("starting", total=None)

        def report(progress: Progress) -> None:
            left.of(progress)
            latest[:] = [progress]
            bar.update(task, completed=progress.done, total=progress.total or None, description=progress.message)

        yield report
