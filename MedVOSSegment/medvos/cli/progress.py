"""Show how far the work is: a bar for a person, JSON lines for a program."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from medvos.cli.options import ProgressStyle

if TYPE_CHECKING:
    from medvos.propagation.progress import Progress

Report = Callable[["Progress"], None]


@contextmanager
def shown(style: ProgressStyle) -> Iterator[Report]:
    """A callable that shows a `Progress` in the style asked for."""
    if style is ProgressStyle.BAR:
        with _bar() as report:
            yield report
    elif style is ProgressStyle.JSON:
        yield JsonLines()
    else:
        yield lambda progress: None


class JsonLines:
    """One JSON object per line on stdout, with the keys event, done, total, eta_s and message."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        self.write("progress", progress.done, progress.total, self._seconds_left(progress), progress.message)

    def write(self, event: str, done: int, total: int, eta_s: float | None, message: str) -> None:
        """Write one line and flush it, for the program that waits for it."""
        eta = None if eta_s is None else round(eta_s, 1)
        line = {"event": event, "done": done, "total": total, "eta_s": eta, "message": message}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    def _seconds_left(self, progress: Progress) -> float | None:
        if progress.done <= 0:
            return None
        return (time.monotonic() - self._start) / progress.done * (progress.total - progress.done)


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(compact=True),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("propagating", total=None)
        yield lambda progress: bar.update(
            task, completed=progress.done, total=progress.total, description=progress.message or "propagating"
        )
