"""Run one case at a time on a GPU."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_turn = threading.Lock()
ASK = "import sys; from medvos.models.device import choose_device; sys.exit(choose_device('auto').type != 'cpu')"


@cache
def takes_gpu(device: str) -> bool:
    """Return whether ``--device`` means a GPU on this computer.

    Determined in another process: torch would stay in the memory of this one.
    """
    if device == "auto":
        return bool(subprocess.run([sys.executable, "-c", ASK], stderr=subprocess.DEVNULL).returncode)
    return device != "cpu"


@contextmanager
def gpu_in_turn(device: str, wanted: bool) -> Iterator[None]:
    """Wait until no other case of this process uses the GPU, if ``wanted`` and a GPU is used."""
    if not wanted or not takes_gpu(device):
        yield
        return
    with _turn:
        yield
