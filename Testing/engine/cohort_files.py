"""Cohorts on disk, and a Python start-up that makes the commands of some cases misbehave."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from fork_client import MARK

from medvos.cohort.settings import Settings

# Python runs it at its start where it is on the path; the folder of a case's results is named like the case, and has a
# hidden one for the results that are not whole yet.
MISBEHAVIOUR = """
import os, signal, sys, time
arguments = sys.orig_argv
places = arguments[arguments.index("--out") + 1].split(os.sep) if "--out" in arguments else [""]
case = [place for place in places if not place.startswith(".medvos-unfinished-")][-1]
if case == "crashing":
    os.kill(os.getpid(), signal.SIGSEGV)
elif case == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
elif case == "hanging" and "propagate" in arguments:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(300)
"""


def write_table(path: Path, *rows: dict[str, object], separator: str = ",") -> Path:
    columns = ("case", "input", "seed", "phase", "truth")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    return path


def with_misbehaviour(environment: dict[str, str], folder: Path) -> dict[str, str]:
    """The environment of a process in whose cases named crashing, killed and hanging the commands are so."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(MISBEHAVIOUR)
    (folder / MARK).touch()
    return {**environment, "PYTHONPATH": os.pathsep.join((str(folder), environment["PYTHONPATH"]))}


def settings(batch: str, **changed: object) -> Settings:
    values = {"model": "tiny", "model_digest": "0", "device": "cpu", "threads": 1, **changed}
    return Settings(batch, **values)  # type: ignore[arg-type]
