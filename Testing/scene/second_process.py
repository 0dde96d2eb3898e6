"""Help for the tests of the job: waiting for its end, and making the real second process misbehave."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from MedVOSSegmentLib.job.events import Event
from MedVOSSegmentLib.job.process_job import ProcessJob

# In the second process: runs act() as soon as the first slice is segmented.
AT_THE_FIRST_SLICE = """
import pathlib, threading, time
def wait():
    while not list(pathlib.Path("partial").glob("*.npy")):
        time.sleep(0.002)
    act()
threading.Thread(target=wait, daemon=True).start()
"""


def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Waits, far longer than it should take."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def events_of(job: ProcessJob) -> list[Event]:
    """All events to the end, polled as the shell does."""
    events: list[Event] = []
    until(lambda: events.extend(job.poll()) or job.ended)
    assert job.poll() == []
    return events


def sabotage(folder: Path, code: str, at_the_first_slice: bool = False) -> dict[str, str]:
    """Environment variables with which Python runs ``code`` before anything else, or when there is a slice."""
    code = textwrap.dedent(code)
    if at_the_first_slice:
        code = "def act():\n" + textwrap.indent(code, "    ") + AT_THE_FIRST_SLICE
    # Python looks for this name whenever it starts.
    (folder / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": str(folder)}


def is_running(pid: int) -> bool:
    """Whether a process of this number runs; one that ended and was not noticed by its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
