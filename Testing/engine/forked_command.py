"""The command ``medvos`` in a process of its own that does not import PyTorch again.

Most of the time of a short command is spent on importing libraries. `fork_server` imports them once and forks itself
for each command.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import fork_server
from fork_client import LAUNCHER, PROGRAM, ask, can_fork, exit_code, read_at_start


class CommandServer:
    """Runs ``medvos`` with arguments, as `subprocess.run` with captured text does.

    Attributes
    ----------
    launcher: a program that does what Python does, but forks ``-m medvos``: for code that starts the command itself.

    >>> CommandServer(environment).run(["--version"], timeout=10).stdout
    """

    def __init__(self, environment: dict[str, str]) -> None:
        """`environment` is that of the imports and of every command that is given none."""
        self._environment = environment
        # Not in a folder of pytest's: the path of a socket has to be short.
        self._folder = Path(tempfile.mkdtemp())
        self._place = str(self._folder / "socket")
        self.launcher = self._folder / "python"
        places = {"python": sys.executable, "folder": str(Path(__file__).parent), "socket": self._place}
        program = PROGRAM.format(**places, known=read_at_start(environment))
        self.launcher.write_text(LAUNCHER.format(python=shlex.quote(sys.executable), program=shlex.quote(program)))
        self.launcher.chmod(0o700)
        command = [sys.executable, fork_server.__file__, self._place, str(self.launcher)]
        pipe = subprocess.PIPE
        self._server = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, env=environment, text=True, start_new_session=True
        )
        self._server.stdout.readline()

    def can_run(self, environment: dict[str, str]) -> bool:
        """Whether a command in `environment` is the same when it is forked."""
        return can_fork(environment, read_at_start(self._environment))

    def run(
        self,
        arguments: list[str],
        timeout: float,
        env: dict[str, str] | None = None,
        cwd: str | os.PathLike | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run one command; raises `subprocess.TimeoutExpired` after `timeout` seconds and kills it."""
        paths = [self._folder / name for name in ("stdout", "stderr")]
        with paths[0].open("wb") as stdout, paths[1].open("wb") as stderr, Path(os.devnull).open() as nothing:
            streams = [stream.fileno() for stream in (nothing, stdout, stderr)]
            folder = os.fspath(cwd or Path.cwd())
            connection = ask(self._place, arguments, env or self._environment, folder, streams)
        with connection:
            connection.settimeout(timeout)
            try:
                code = exit_code(connection)
            except TimeoutError as error:
                raise subprocess.TimeoutExpired(["medvos", *arguments], timeout) from error
        texts = (path.read_text(encoding="utf-8") for path in paths)
        return subprocess.CompletedProcess(["medvos", *arguments], code, *texts)

    def close(self) -> None:
        """End the server."""
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait()
        shutil.rmtree(self._folder)
