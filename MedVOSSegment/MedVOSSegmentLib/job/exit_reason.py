"""The reason why a process ended, as a sentence for the user."""

from __future__ import annotations

import re
import signal

from medvos.errors import Cancelled, InputError
from MedVOSSegmentLib.install import without_pip
from MedVOSSegmentLib.job.wording import SEGMENTATION, Wording
from MedVOSSegmentLib.text import tr

PREFIX = "medvos: "
# Messages of Python, NumPy, PyTorch, oneDNN and CUDA when memory is short.
OUT_OF_MEMORY = re.compile(
    r"\bMemoryError\b|out of memory|not enough memory|(?:can't|cannot|unable to) allocate|memory allocation"
    r"|std::bad_alloc|could not create a (?:primitive|memory)|failed to map segment|can't start new thread",
    re.IGNORECASE,
)
DISK_FULL = re.compile(r"no space left on device|quota exceeded|not enough space on the disk", re.IGNORECASE)
MISSING_PACKAGE = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")


def explain_exit(code: int, log: str, wording: Wording = SEGMENTATION) -> str:
    """Return one sentence for an exit ``code`` other than 0 of some work; a signal is its negative number.

    Example: ``explain_exit(-9, log)`` names a killed process.
    """
    if DISK_FULL.search(log):
        # The engine's sentence advises another folder, but the user has not chosen this one.
        return tr("The disk with the temporary files is full: make room there and start again.")
    reported = [line.removeprefix(PREFIX) for line in log.splitlines() if line.startswith(PREFIX)]
    if code == InputError.exit_code and reported:
        return without_pip(reported[-1])
    if code == Cancelled.exit_code:
        return wording.stopped
    if OUT_OF_MEMORY.search(log):
        return wording.no_memory
    missing = MISSING_PACKAGE.search(log)
    if missing:
        return wording.missing_package.format(package=missing[1])
    return wording.unexpected.format(how=_how(code))


def _how(code: int) -> str:
    # Launchers and shells pass a signal on as 128 and its number.
    number = -code if code < 0 else code - 128
    try:
        name = signal.Signals(number).name
    except ValueError:
        return tr("exit code {code}").format(code=code)
    return tr("killed, out of memory?") if name == "SIGKILL" else tr("crashed, {name}").format(name=name)
