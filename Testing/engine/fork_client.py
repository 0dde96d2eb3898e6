"""Asks the fork server for a command; also the program of the launcher, which is a Python that starts `medvos` forked.

The launcher stands for its command: it passes signals on, ends as the command ends, and takes it along when it is
killed. Whatever it is asked for that a fork cannot be, it starts from nothing in its own place.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

LENGTH_BYTES = 8
CODE_BYTES = 4
# Of a folder whose sitecustomize.py does not mind what is imported before it.
MARK = "runs-in-forks"
# What Python or a library reads when it starts, beside all variables of Python's.
READ_AT_START = ("LANG", "LC_ALL", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")
# What a fork takes on.
TAKEN_ON = ("PYTHONPATH", "PYTHONFAULTHANDLER")
# Python is no interpreter of it: the first line of a script takes neither a space in a path nor a long one.
LAUNCHER = """#!/bin/sh
exec {python} -IS -c {program} "$@"
"""
PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
from fork_client import launch
launch({python!r}, {socket!r}, {known!r})
"""


def read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables in which a process and the server must agree."""
    found = {name: value for name, value in environment.items() if _is_read(name)}
    if found.get("PYTHONIOENCODING") == "utf-8":  # a fork takes it on
        del found["PYTHONIOENCODING"]
    return found


def can_fork(environment: Mapping[str, str], known: Mapping[str, str]) -> bool:
    """Whether a fork of a server with the variables ``known`` is what a process with this environment would be."""
    own = [Path(folder) for folder in environment.get("PYTHONPATH", "").split(os.pathsep)]
    starts = [folder for folder in own if (folder / "sitecustomize.py").exists() and not (folder / MARK).exists()]
    return read_at_start(environment) == dict(known) and not starts


def ask(
    server: str, arguments: list[str], environment: Mapping[str, str], folder: str, streams: list[int]
) -> socket.socket:
    """Have a command started; the connection brings its exit code, takes signals, and kills it when it is closed."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(server)
    request = json.dumps({"arguments": arguments, "env": dict(environment), "cwd": folder}).encode()
    socket.send_fds(connection, [len(request).to_bytes(LENGTH_BYTES, "big")], streams)
    connection.sendall(request)
    return connection


def exit_code(connection: socket.socket) -> int:
    """Wait for the end of a command; return its exit code, or minus the number of the signal that ended it."""
    code = connection.recv(CODE_BYTES, socket.MSG_WAITALL)
    if len(code) < CODE_BYTES:
        raise ConnectionError("The server of commands is gone.")
    return int.from_bytes(code, "big", signed=True)


def launch(python: str, server: str, known: dict[str, str]) -> None:
    """Be the command that the arguments ask for."""
    if sys.argv[1:3] != ["-m", "medvos"] or not can_fork(os.environ, known):
        os.execv(python, [python, *sys.argv[1:]])
    try:
        connection = ask(server, sys.argv[3:], os.environ, str(Path.cwd()), [0, 1, 2])
    except OSError:  # the server is gone
        os.execv(python, [python, *sys.argv[1:]])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: connection.send(bytes([number])))
    code = exit_code(connection)
    if code < 0:
        if code != -signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _is_read(name: str) -> bool:
    return name in READ_AT_START or (name.startswith("PYTHON") and name not in TAKEN_ON)
