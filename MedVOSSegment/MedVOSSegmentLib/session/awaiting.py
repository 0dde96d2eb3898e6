"""A job that gives all that it has at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from MedVOSSegmentLib.job.events import Advanced, Cancelled, Failed, Finished, Logged
from MedVOSSegmentLib.job.runner import Running


class Awaiting:
    """Waits for the end of a job.

    Attributes
    ----------
    outcome: what the job gave when all went well.
    sentence: why it ended otherwise; empty where the user wanted it to.
    log: all that the process said, where it failed.
    progress: the last that it told; before that ``doing``, with a total of 0, for it is not known.
    """

    def __init__(self, job: Running, doing: str, hear: Callable[[str], None]) -> None:
        self.outcome: Any = None
        self.progress = Advanced(0, 0, None, doing)
        self.sentence = self.log = ""
        self._job, self._hear = job, hear

    def poll(self, until: float, first: int) -> bool:
        """True at the end."""
        for event in self._job.poll():
            match event:
                case Advanced():
                    self.progress = event
                case Finished(outcome):
                    self.outcome = outcome
                    return True
                case Logged(line):
                    self._hear(line)
                case Failed(sentence, log):
                    self.sentence, self.log = sentence, log
                    return True
                case Cancelled():
                    return True
        return False

    def cancel(self) -> None:
        self._job.cancel()

    def close(self) -> None:
        """End the job at once."""
        self._job.close()
