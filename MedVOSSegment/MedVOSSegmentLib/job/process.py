"""One run of ``python -m medvos`` in a process group of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import medvos

ENGINE = Path(medvos.__file__).resolve().parents[1]
# Windows would open one for each program of the command line.
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
LOG_LINES = 500
# Bytes between two line ends may not be text.
LONGEST_LINE = 65536


def this_python() -> Path:
    """Return the running Python's program; inside Slicer, `PythonSlicer`, which knows Slicer's packages."""
    return Path(shutil.which("PythonSlicer") or sys.executable)


class Process:
    """A running `medvos`: `lines` yields its stdout; a thread passes each line of stderr to ``on_log`` and `log`.

    Raises OSError where it cannot be started.
    """

    def __init__(
        self,
        python: Path,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        on_log: Callable[[str], None],
    ) -> None:
        self._on_log = on_log
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._popen = subprocess.Popen(
            [str(python), "-m", "medvos", *arguments],
            cwd=folder,
            env=_for_the_engine(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A group of its own, so that all of it can be ended at once.
            start_new_session=sys.platform != "win32",
            creationflags=NO_WINDOW,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def lines(self) -> Iterator[str]:
        """Yield the lines of stdout until its end."""
        assert self._popen.stdout is not None
        with self._popen.stdout as stream:
            while line := stream.readline(LONGEST_LINE):
                yield line.decode("utf-8", "replace").rstrip()

    def wait(self) -> int:
        """Return the exit code, or minus the number of the signal that ended it. Call it after all `lines`."""
        code = self._popen.wait()
        self._listener.join()
        return code

    def kill(self) -> None:
        """Kill the process and its children without waiting."""
        # Until wait() has taken note of its end, its number is given to no other process.
        if self._popen.returncode is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._kill_tree_on_windows()
            else:
                os.killpg(self._popen.pid, signal.SIGKILL)

    @property
    def log(self) -> str:
        """The last lines of stderr."""
        return "\n".join(self._log)

    def _listen(self) -> None:
        assert self._popen.stderr is not None
        with self._popen.stderr as stream:
            while line := stream.readline(LONGEST_LINE):
                text = line.decode("utf-8", "replace").rstrip()
                self._log.append(text)
                self._on_log(text)

    def _kill_tree_on_windows(self) -> None:
        """Kill the launcher and its child: Windows ends single processes, and a launcher starts Slicer's Python."""
        command = ["taskkill", "/F", "/T", "/PID", str(self._popen.pid)]
        try:
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, creationflags=NO_WINDOW)
        except OSError:
            self._popen.kill()


def _for_the_engine(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with this extension's engine first on the path and a traceback in the log at a crash."""
    paths = [str(ENGINE), *filter(None, [environment.get("PYTHONPATH")])]
    return {
        **environment,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONFAULTHANDLER": "1",
    }
