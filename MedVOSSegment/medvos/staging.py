"""Write output folders atomically: files appear only when all of them are complete."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from medvos.errors import InputError

# Files of every result.
RESULTS = ("segmentation.nii.gz", "uncertainty.nii.gz", "volumes.csv", "report.json", "report.html")
# Files of a result that not every result has.
PROBABILITY, OVERLAY = "chance.nii.gz", "overlay.mp4"
OPTIONAL = (PROBABILITY, OVERLAY)


@contextmanager
def staged(folder: Path, optional: Sequence[str] = ()) -> Iterator[Path]:
    """Yield a hidden folder whose files move to ``folder`` when the block ends without an error.

    Files named in ``optional`` that an earlier run has left and this one has not written are then removed.

    It is inside ``folder`` where that exists, else in its nearest parent, so that moving is a rename.

    >>> with staged(Path("out")) as staging:
    ...     (staging / "volumes.csv").write_text(table)

    Raises
    ------
    InputError: at once, before any work is done, where ``folder`` cannot be written.
    """
    with disk_errors(folder):
        base = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not base.is_dir():
        raise InputError(f"Results need a folder and {base} is a file; choose another folder.")
    # A unique name: two threads may write at the same time, and a killed process may have left a folder behind.
    staging = base / f".medvos-unfinished-{uuid.uuid4().hex}"
    try:
        with disk_errors(folder):
            staging.mkdir()
        yield staging
        with disk_errors(folder), _uninterrupted():
            _move(staging, folder, optional)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _move(staging: Path, folder: Path, optional: Sequence[str]) -> None:
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging.rename(folder)
        return
    files = sorted(staging.iterdir())
    for file in files:
        if (folder / file.name).is_dir():
            raise InputError(f"{folder / file.name} is a folder where a file should go; remove it or choose another.")
    earlier = staging / "earlier"
    earlier.mkdir()
    aside, placed = [], []
    try:
        # One file that another program holds (as Windows does for an open table) must not leave a mixture.
        for name in dict.fromkeys([*(file.name for file in files), *optional]):
            if os.path.lexists(folder / name):
                (folder / name).rename(earlier / name)
                aside.append(name)
        for file in files:
            file.rename(folder / file.name)
            placed.append(file.name)
    except BaseException:
        try:
            for name in placed:
                (folder / name).rename(staging / name)
            for name in aside:
                (earlier / name).rename(folder / name)
        except OSError as error:
            saved = folder / f"earlier-{uuid.uuid4().hex}"
            earlier.rename(saved)  # the unfinished files are deleted, these must not be
            raise InputError(f"Cannot write results, and the earlier ones are in {saved}: copy them back.") from error
        raise


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the operating system into an InputError that names the user's folder."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(
            f"Cannot write results to {folder} ({why}); make room or permit writing there, or choose another folder."
        ) from error


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM during a few renames, which take milliseconds and must all happen or none."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
