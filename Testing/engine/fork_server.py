"""A server of commands: it imports the libraries of ``medvos`` once and forks itself for each command.

A command has its own memory, process group, working directory, environment, files and exit code. The server imports
``medvos`` too and runs none of it; a command that finds modules in other folders, or has a sitecustomize.py, imports
``medvos`` afresh. Forking after these imports is safe on Linux alone.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from fork_client import CODE_BYTES, LENGTH_BYTES

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
    "scipy.stats",
    "skimage.measure",
    "torch",
    # What typer imports when it reads the options of a command.
    "typer._adapters",
)
PACKAGES = ("medvos", "medvos_lab.cli")


def own_folders() -> list[str]:
    """Return the folders of PYTHONPATH."""
    return [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]


def import_packages() -> None:
    """Import all modules of ``medvos``, and those of the lab that define commands."""
    for package in PACKAGES:
        folders = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(folders, f"{package}."):
            if not module.name.endswith(".__main__"):
                importlib.import_module(module.name)


def forget_packages() -> None:
    """Have ``medvos`` imported afresh."""
    tops = {package.partition(".")[0] for package in PACKAGES}
    for name in [name for name in sys.modules if name.partition(".")[0] in tops]:
        del sys.modules[name]


def prepare(arguments: list[str]) -> None:
    """Compute once, before the forks, what is the same in every command of this kind."""
    if arguments[:1] == ["propose"]:
        importlib.import_module("medvos.segmentation.seed_proposal")._example_hearts()


def serve(listener: socket.socket) -> tuple[socket.socket, dict[str, Any], list[int]] | None:
    """Return, in a fork, the next request: connection, command, files; the server gets None once its parent is gone."""
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return None
        connection, _ = listener.accept()
        try:
            command, files = received(connection)
        except (OSError, ValueError):  # who asked has gone
            connection.close()
            continue
        prepare(command["arguments"])
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not os.fork():
            listener.close()
            return connection, command, files
        for file in files:
            os.close(file)
        connection.close()


def received(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return a request, and the files of the command's stdin, stdout and stderr."""
    head, files, _, _ = socket.recv_fds(connection, LENGTH_BYTES, 3)
    length = int.from_bytes(head, "big")
    return json.loads(connection.recv(length, socket.MSG_WAITALL)), files


def attend(connection: socket.socket, process: int) -> None:
    """Pass signals on to a command until it ends, then tell its exit code; kill it if nobody waits any more."""
    ended = os.pidfd_open(process)
    while ended not in select.select([connection, ended], [], [])[0]:
        numbers = connection.recv(1)
        with suppress(ProcessLookupError):
            os.killpg(process, numbers[0] if numbers else signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    with suppress(BrokenPipeError):
        connection.send(os.waitstatus_to_exitcode(status).to_bytes(CODE_BYTES, "big", signed=True))


def become(command: dict[str, Any], files: list[int], launcher: str, libraries: list[str]) -> None:
    """Take on the environment, folder, arguments and files of a command."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    of_server = own_folders()
    os.environ.clear()
    os.environ.update(command["env"])
    os.chdir(command["cwd"])
    own = own_folders()
    sys.path[:] = [command["cwd"], *own, *libraries]
    sys.argv[1:] = command["arguments"]
    sys.orig_argv[:] = [sys.executable, "-m", "medvos", *command["arguments"]]
    # The commands that this one starts are forks too.
    sys.executable = launcher
    # Those of the server may be of another kind of file.
    coded = os.environ.get("PYTHONIOENCODING") or sys.stdout.encoding
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding=coded, closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding=coded, errors="backslashreplace", closefd=False)
    if os.environ.get("PYTHONFAULTHANDLER"):
        faulthandler.enable()
    is_customized = any((Path(folder) / "sitecustomize.py").exists() for folder in own)
    if own != of_server or is_customized:
        forget_packages()
    if is_customized:
        sys.modules.pop("sitecustomize", None)
        importlib.import_module("sitecustomize")


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


def answer(
    connection: socket.socket, command: dict[str, Any], files: list[int], launcher: str, libraries: list[str]
) -> None:
    """In a fork of its own: run one command in another, and attend it."""
    if process := os.fork():
        with suppress(ProcessLookupError, PermissionError):
            os.setpgid(process, process)
        for file in files:
            os.close(file)
        attend(connection, process)
        os._exit(0)
    os.setpgid(0, 0)
    connection.close()
    become(command, files, launcher, libraries)
    code = run_medvos()
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError):
            stream.flush()
    # Taking all imported modules apart would cost more than most commands.
    os._exit(code)


def main() -> None:
    place, launcher = sys.argv[1:]
    libraries = sys.path[1 + len(own_folders()) :]
    for library in LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(library)
    import_packages()
    # The collector would write to, and so copy, every page that the forks share.
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(place)
    listener.listen()
    print("ready", flush=True)
    if (request := serve(listener)) is not None:
        answer(*request, launcher, libraries)


if __name__ == "__main__":
    main()
