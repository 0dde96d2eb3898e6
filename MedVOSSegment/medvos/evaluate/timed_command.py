"""A whole command, timed in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import torch

from medvos.errors import InputError


def timed_command(name: str, *arguments: str | Path, device: torch.device) -> dict[str, float]:
    """Seconds and peak memory in MB of ``medvos NAME``, whose own messages go to standard error.

    Raises
    ------
    InputError: it failed.
    """
    command = [sys.executable, "-m", "medvos", name, *map(str, arguments)]
    began = time.perf_counter()
    process = subprocess.Popen([*command, "--device", device.type, "--progress", "none"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise InputError(f"The timed command 'medvos {name}' failed; what it said itself stands above.")
    per_kilobyte = 1e6 if sys.platform == "darwin" else 1e3
    return {"seconds": round(seconds, 2), "peak_mb": round(usage.ru_maxrss / per_kilobyte)}
