"""The command ``medvos`` in a process of its own that does not import PyTorch again.

Most of the time of a short command is spent on importing libraries. A server imports them once and forks itself for
each command: the command has its own memory, working directory, environment, output and exit code, and imports
``medvos`` afresh. Forking after these imports is safe on Linux alone.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

LIBRARIES = (
    "av",
    "highdicom",
    "jinja2",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "nibabel",
    "nrrd",
    "pydicom",
    "safetensors.torch",
    "scipy.interpolate",
    "scipy.ndimage",
    "scipy.optimize",
    "skimage.measure",
    "torch",
)


class CommandServer:
    """Runs ``medvos`` with arguments, as `subprocess.run` with captured text does.

    >>> CommandServer(environment, tmp_path).run(["--version"], timeout=10).stdout
    """

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        """`environment` is that of the imports and of every command that is given none; outputs go through `folder`."""
        self._environment = environment
        self._files = {name: folder / name for name in ("stdout", "stderr")}
        command = [sys.executable, str(Path(__file__)), *LIBRARIES]
        pipe = subprocess.PIPE
        self._server = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, text=True)

    def run(
        self,
        arguments: list[str],
        timeout: float,
        env: dict[str, str] | None = None,
        cwd: str | os.PathLike | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run one command; raises `subprocess.TimeoutExpired` after `timeout` seconds and kills it."""
        request = {
            "arguments": arguments,
            "env": env or self._environment,
            "cwd": os.fspath(cwd or Path.cwd()),
            "files": {name: str(path) for name, path in self._files.items()},
        }
        print(json.dumps(request), file=self._server.stdin, flush=True)
        process = json.loads(self._server.stdout.readline())
        if not select.select([self._server.stdout], [], [], timeout)[0]:
            os.kill(process, signal.SIGKILL)
            self._server.stdout.readline()
            raise subprocess.TimeoutExpired(["medvos", *arguments], timeout)
        code = json.loads(self._server.stdout.readline())
        texts = {name: path.read_text(encoding="utf-8") for name, path in self._files.items()}
        return subprocess.CompletedProcess(["medvos", *arguments], code, **texts)

    def close(self) -> None:
        """End the server."""
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait()


def next_command() -> dict[str, Any] | None:
    """Return what the fork that calls has to run; the server itself gets None when nobody asks any more."""
    # Not `for line in sys.stdin`: a fork must not hold lines that were read ahead.
    while line := sys.stdin.readline():
        if not (process := os.fork()):
            return json.loads(line)
        print(process, flush=True)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


def become(command: dict[str, Any]) -> None:
    """Take on the environment, folder, arguments and output of `command`."""
    os.environ.clear()
    os.environ.update(command["env"])
    os.chdir(command["cwd"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in enumerate(("stdout", "stderr"), 1):
        os.dup2(os.open(command["files"][name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.argv[1:] = command["arguments"]


def run_medvos() -> int:
    """Run what ``python -m medvos`` would; return the exit code that Python would end with."""
    try:
        runpy.run_module("medvos", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def main() -> None:
    for library in sys.argv[1:]:
        with suppress(ImportError):
            importlib.import_module(library)
    # The collector would write to, and so copy, every page that the forks share.
    gc.collect()
    gc.freeze()
    if (command := next_command()) is not None:
        become(command)
        code = run_medvos()
        sys.stdout.flush()
        sys.stderr.flush()
        # Taking all imported modules apart would cost more than most commands.
        os._exit(code)


if __name__ == "__main__":
    main()
