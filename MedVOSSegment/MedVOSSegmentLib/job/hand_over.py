"""The folder that hands a cine to the second process: private to the user, removed afterwards."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PREFIX = "medvos-job-"
# The lock ends with the process that took it, however that ends; a process id would be used again.
OWNER = "owner.lock"


@contextmanager
def hand_over_folder() -> Iterator[Path]:
    """Yield a folder that only this user may enter (0700) and remove it at the end of the block in every case.

    A folder that a crash leaves behind is removed by the next `sweep`. Raises OSError where there is no room.
    """
    folder, lock = _owned_folder()
    try:
        yield folder
    finally:
        _remove(folder, lock)


def sweep() -> None:
    """Remove the folders of this user whose owner ended without doing so."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if _is_own(folder):
                lock = (folder / OWNER).open("r+b")
                if _locked(lock):
                    _remove(folder, lock)
                else:
                    lock.close()


def sweep_in_background() -> threading.Thread:
    """Start a `sweep` on a thread of its own, since a folder may hold much; return the thread."""
    thread = threading.Thread(target=sweep, name="MedVOS sweep", daemon=True)
    thread.start()
    return thread


def _owned_folder() -> tuple[Path, IO[bytes]]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = (folder / OWNER).open("w+b")
        # A sweep by another Slicer may have been faster.
        if _locked(lock) and (folder / OWNER).exists():
            return folder, lock
        lock.close()


def _remove(folder: Path, lock: IO[bytes]) -> None:
    """Remove the folder, its lock last: if this is interrupted, the next sweep removes the rest."""
    for entry in folder.iterdir():
        if entry.name != OWNER:
            shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)
    if sys.platform == "win32":
        lock.close()  # Windows removes no open file.
    shutil.rmtree(folder, ignore_errors=True)
    lock.close()


def _is_own(folder: Path) -> bool:
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and (sys.platform == "win32" or status.st_uid == os.getuid())


def _locked(file: IO[bytes]) -> bool:
    """Return whether this call took the lock; False where another process or part of this one holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
