"""Whether cases meet on one GPU."""

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
    """Whether ``--device`` means a GPU on this computer.

    Asked in a process of its own: torch would make this one large for as long as it runs.
    """
    if device == "auto":
        return bool(subprocess.run([sys.executable, "-c", ASK], stderr=subprocess.DEVNULL).returncode)
    return device != "cpu"


@contextmanager
def gpu_in_turn(device: str, wanted: bool) -> Iterator[None]:
    """Wait until no other case of this process is inside, where it is ``wanted`` and a GPU is used."""
    if not wanted or not takes_gpu(device):
        yield
        return
    with _turn:
        yield
