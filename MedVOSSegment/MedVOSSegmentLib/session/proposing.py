"""A first drawing on its way from the second process."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.job.events import Advanced, Cancelled, Failed, Finished, Logged
from MedVOSSegmentLib.job.runner import Running


class Proposing:
    """Waits for the labels of one slice.

    Attributes
    ----------
    place: phase and slice.
    labels: (Y, X) uint8 when all went well.
    sentence: why it ended otherwise; empty where the user wanted it to.
    log: all that the process said, where it failed.
    progress: its total is 0, for it is not known.
    """

    def __init__(self, job: Running, place: tuple[int, int], hear: Callable[[str], None]) -> None:
        self.place = place
        self.labels: NDArray[np.uint8] | None = None
        self.progress = Advanced(0, 0, None, "Looking for the heart")
        self.sentence = self.log = ""
        self._job, self._hear = job, hear

    def poll(self, until: float, first: int) -> bool:
        """True at the end."""
        for event in self._job.poll():
            match event:
                case Finished(labels):
                    self.labels = labels
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
