"""Show progress: a bar for a person, JSON lines for a program."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from medvos.cli.options import ProgressStyle
from medvos.errors import Cancelled

if TYPE_CHECKING:
    from medvos.progress import Progress, Report


@contextmanager
def shown(style: ProgressStyle, at_end: str, unit: str = "frames") -> Iterator[Report]:
    """Yield a callable that shows a `Progress`; as JSON, a line ``done`` with ``at_end`` follows on success."""
    if style is ProgressStyle.BAR:
        with _bar(unit) as report:
            yield report
    elif style is ProgressStyle.JSON:
        lines = JsonLines()
        yield lines
        lines.done(at_end)
    else:
        yield lambda progress: None


class JsonLines:
    """One JSON object per line on stdout, with the keys event, done, total, eta_s and message."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._total = 0

    def __call__(self, progress: Progress) -> None:
        self._total = progress.total
        seconds = time.monotonic() - self._start
        left = round(seconds / progress.done * (progress.total - progress.done), 1) if progress.done else None
        _write_progress("progress", progress.done, progress.total, left, progress.message)

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
def _bar(unit: str) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(compact=True),
    )
    console = Console(stderr=True)
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("propagating", total=None)
        yield lambda progress: bar.update(
            task, completed=progress.done, total=progress.total, description=progress.message or "propagating"
        )
