"""A command that is forked behaves as one that Python starts from nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cohort_files import with_misbehaviour
from forked_command import CommandServer
from medvos_command import Medvos

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks after imports are safe on Linux alone")


def start(server: CommandServer, environment: dict[str, str], *arguments: object) -> subprocess.Popen[str]:
    command = [str(server.launcher), *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


def is_in_tree(process: int) -> bool:
    """Whether a process still runs."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("arguments", [["--version"], ["info", "nowhere"], ["--nonsense"], ["models"]])
def test_it_says_and_returns_the_same(
    command_server: CommandServer, environment: dict[str, str], medvos_process: Medvos, arguments: list[str]
):
    expected = medvos_process(*arguments)
    forked = command_server.run(arguments, 60)
    launched = start(command_server, environment, "-m", "medvos", *arguments)
    said = launched.communicate()
    assert (forked.returncode, forked.stdout, forked.stderr) == (expected.returncode, expected.stdout, expected.stderr)
    assert (launched.returncode, *said) == (expected.returncode, expected.stdout, expected.stderr)


@pytest.mark.parametrize(("case", "number"), [("crashing", signal.SIGSEGV), ("killed", signal.SIGKILL)])
def test_it_dies_of_the_same_signal(
    command_server: CommandServer, environment: dict[str, str], tmp_path: Path, case: str, number: signal.Signals
):
    ill = with_misbehaviour(environment, tmp_path / "start")
    assert command_server.can_run(ill)
    process = start(command_server, ill, "-m", "medvos", "demo", "--out", case)
    process.communicate()
    assert process.returncode == -number


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_reaches_it(
    command_server: CommandServer, environment: dict[str, str], tmp_path: Path, number: signal.Signals
):
    (tmp_path / "sitecustomize.py").write_text(
        "import os, time\nprint(os.getpid(), flush=True)\nimport medvos.cli.main\n"
        "medvos.cli.main.app = lambda *_, **__: print('begun', flush=True) or time.sleep(60)\n"
    )
    (tmp_path / "runs-in-forks").touch()
    path = os.pathsep.join((str(tmp_path), environment["PYTHONPATH"]))
    process = start(command_server, {**environment, "PYTHONPATH": path}, "-m", "medvos", "info")
    command = int(process.stdout.readline())
    assert process.stdout.readline() == "begun\n" and command != process.pid and is_in_tree(command)
    os.killpg(process.pid, number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == (-number if number == signal.SIGKILL else 3)
    assert ("Cancelled" in said) == (number != signal.SIGKILL)
    deadline = time.monotonic() + 30
    while is_in_tree(command):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_a_fork_would_not_notice_starts_from_nothing(
    command_server: CommandServer, environment: dict[str, str], tmp_path: Path
):
    def modules(more: dict[str, str], *arguments: str) -> str:
        process = start(command_server, {**environment, **more}, *arguments)
        return process.communicate()[0]

    program = "import sys; print('torch' in sys.modules, sys.executable)"
    assert modules({}, "-c", program) == f"False {sys.executable}\n"
    (tmp_path / "sitecustomize.py").write_text("import sys; print('torch' in sys.modules)")
    path = {"PYTHONPATH": os.pathsep.join((str(tmp_path), environment["PYTHONPATH"]))}
    assert modules(path, "-m", "medvos", "--version").startswith("False\n")
    (tmp_path / "runs-in-forks").touch()
    assert modules(path, "-m", "medvos", "--version").startswith("True\n")
    assert modules({**path, "OMP_NUM_THREADS": "3"}, "-m", "medvos", "--version").startswith("False\n")


def test_a_command_that_takes_too_long_is_killed(command_server: CommandServer, environment: dict[str, str]):
    with pytest.raises(subprocess.TimeoutExpired):
        command_server.run(["demo"], 0.01)
