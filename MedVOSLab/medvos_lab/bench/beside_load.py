"""Speed of the whole command on an idle machine and beside a busy process, by how its threads wait for each other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from medvos.cli.threads import BLOCK_MS, POLICY, SPINS
from medvos.models.device import choose_device
from medvos.models.store import resolve
from medvos_lab.bench.output import make_folder, markdown_table
from medvos_lab.bench.propagation_speed import FULL_SHAPE, full_size_arguments
from medvos_lab.bench.timed_command import timed_command, write_speed

if TYPE_CHECKING:
    from rich.console import Console

IDLE_RUNS = 2  # of each way to wait, in turn; the shortest counts, because anything else on the machine adds time
# What the libraries do where nothing is set: GNU's waits 300,000 rounds, LLVM's and Intel's 200 ms.
OF_THE_LIBRARY = {SPINS[0]: "300000", BLOCK_MS[0]: "200"}
WAYS: dict[str, dict[str, str]] = {"as set by medvos": {}, "as set by the library": OF_THE_LIBRARY}


def run(out: Path, device: str = "auto", *, model: str = "cstm", console: Console | None = None) -> dict[str, Any]:
    """Time ``medvos propagate`` idle and beside one busy process; write ``speed.json`` and ``speed.md``.

    Both are run as the command waits by itself, and as the library of its threads waits where nothing is set. All runs
    and the busy process have the same priority: they belong to one session, which Linux schedules as one group.

    Parameters
    ----------
    out: folder for the results.
    device: as in `medvos.propagate`.
    model: a CSTM model.

    Returns
    -------
    What ``speed.json`` holds: for each way to wait the seconds ``idle`` and ``beside_load``, and their ``ratio``.

    Raises
    ------
    InputError: no such model or device, or ``out`` cannot be written.

    >>> run(Path("speed"), "cpu")["ways"]["as set by medvos"]["ratio"]  # doctest: +SKIP
    1.7
    """
    from rich.console import Console

    console = console or Console()
    where, info = choose_device(device), resolve(model, "cstm")
    make_folder(out)
    ways: dict[str, dict[str, float]] = {}
    with full_size_arguments(info.name) as arguments:

        def seconds(way: str) -> float:
            return timed_command("propagate", *arguments, device=where, variables=WAYS[way])["seconds"]

        idle: dict[str, list[float]] = {way: [] for way in WAYS}
        for turn in range(IDLE_RUNS):
            console.print(f"Idle, run {turn + 1} of {IDLE_RUNS} ...")
            for way in WAYS:
                idle[way].append(seconds(way))
        for way in WAYS:
            console.print(f"Beside a busy process, waiting {way} ...")
            with busy_process():
                loaded = seconds(way)
            best = min(idle[way])
            ways[way] = {"idle": best, "beside_load": loaded, "ratio": round(loaded / best, 2)}
    found = {
        "device": str(where),
        "threads": torch.get_num_threads(),
        "model": info.name,
        "variables": {name: os.environ[name] for name in (POLICY, *OF_THE_LIBRARY) if name in os.environ},
        "ways": ways,
    }
    _write(out, found)
    console.print((out / "speed.md").read_text(encoding="utf-8"), markup=False)
    return found


@contextmanager
def busy_process() -> Iterator[subprocess.Popen[bytes]]:
    """Keep one core busy with a process of this session and priority until the end of the block."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield process
        finally:
            process.kill()


def _write(out: Path, found: dict[str, Any]) -> None:
    shape = "{} phases x {} slices x {} x {}".format(*FULL_SHAPE)
    rows = [(way, *(cost[key] for key in ("idle", "beside_load", "ratio"))) for way, cost in found["ways"].items()]
    header = ("threads wait", "idle (s)", "beside a busy process (s)", "ratio")
    title = (
        f"`medvos propagate`, {shape}, start to written files: model {found['model']} on {found['device']}, "
        f"{found['threads']} threads, {os.cpu_count()} cores."
    )
    write_speed(out, found, title, markdown_table(header, rows))
