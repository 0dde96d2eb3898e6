"""Time and memory of a whole command in a process of its own, and the files of a speed benchmark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from medvos.errors import InputError
from medvos_lab.bench.output import write_markdown

# On Linux the peak memory of a process counts what the one that started it held. A small one stands between.
_BETWEEN = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - began
print(json.dumps([status, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


class Timed(NamedTuple):
    """Exit status, seconds and peak memory in MB of a process."""

    status: int
    seconds: float
    peak_mb: float


def timed(command: Sequence[str], variables: Mapping[str, str] | None = None) -> Timed:
    """Run a command to its end with these further environment variables; its standard output is lost."""
    environment = {**os.environ, **(variables or {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # users' Python keeps compiled modules, so starts are shorter
    between = [sys.executable, "-c", _BETWEEN, *command]
    answer = subprocess.run(between, stdout=subprocess.PIPE, check=True, env=environment)
    status, seconds, peak = json.loads(answer.stdout)
    return Timed(status, seconds, peak / (1e6 if sys.platform == "darwin" else 1e3))


def timed_command(
    name: str, *arguments: str | Path, device: torch.device, variables: Mapping[str, str] | None = None
) -> dict[str, float]:
    """Return seconds and peak memory in MB of ``medvos NAME``, whose messages go to standard error.

    ``variables`` are added to its environment.

    Raises
    ------
    InputError: it failed.
    """
    command = [sys.executable, "-m", "medvos", name, *map(str, arguments)]
    found = timed([*command, "--device", device.type, "--progress", "none"], variables)
    if found.status:
        raise InputError(f"The timed command 'medvos {name}' failed; its own message stands above.")
    return {"seconds": round(found.seconds, 2), "peak_mb": round(found.peak_mb)}


def write_speed(out: Path, found: dict[str, Any], title: str, *tables: list[str]) -> None:
    """Write ``speed.json`` with everything that was found, and ``speed.md`` with tables below a title."""
    (out / "speed.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write_markdown(out / "speed.md", [title, *(line for table in tables for line in ("", *table))])
