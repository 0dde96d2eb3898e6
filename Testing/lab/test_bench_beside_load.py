"""The benchmark beside a busy process; that the whole command gives a time is tested with the other speeds."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console
from tiny_network import a_network, store_network

from medvos_lab.bench import beside_load, propagation_speed


def test_it_times_the_command_idle_and_beside_a_load_in_both_ways_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    busy = False

    @contextmanager
    def busy_process() -> Iterator[None]:
        nonlocal busy
        busy = True
        yield
        busy = False

    def timed_command(name: str, cine: Path, *_: object, variables: dict[str, str], **__: object) -> dict[str, float]:
        assert name == "propagate" and cine.is_file()
        spins = variables.get("GOMP_SPINCOUNT") == "300000"
        return {"seconds": 20.0 if not busy else 100.0 if spins else 35.0}

    store_network(tmp_path, a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    monkeypatch.setattr(propagation_speed, "FULL_SHAPE", (3, 5, 128, 128))
    monkeypatch.setattr(beside_load, "busy_process", busy_process)
    monkeypatch.setattr(beside_load, "timed_command", timed_command)
    found = beside_load.run(tmp_path / "speed", "cpu", model="tiny", console=Console(file=io.StringIO()))
    assert json.loads((tmp_path / "speed" / "speed.json").read_text()) == found
    assert [cost["ratio"] for cost in found["ways"].values()] == [1.75, 5.0]
    assert "| 20.0 | 35.0 | 1.75 |" in (tmp_path / "speed" / "speed.md").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="sessions and priorities are POSIX")
def test_the_busy_process_competes_as_an_equal_and_ends_with_the_block():
    with beside_load.busy_process() as process:
        assert os.getsid(process.pid) == os.getsid(0)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == os.getpriority(os.PRIO_PROCESS, 0)
        assert process.poll() is None
    assert isinstance(process, subprocess.Popen) and process.poll() is not None
