"""A propagation from its start until the scene shows all of its result, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.job.events import Advanced, Cancelled, Failed, Finished, Logged, SliceDone
from MedVOSSegmentLib.job.outcome import Outcome
from MedVOSSegmentLib.job.runner import Running
from MedVOSSegmentLib.session.filling import Filling


@dataclass(frozen=True, eq=False)
class Asked:
    """What a propagation was asked for.

    Attributes
    ----------
    own: (T, Z) bool, the user's slices at the start.
    marks: (T, Z) uint32, what all slices held at the start.
    model, device: as `medvos` has them.
    whole: all of the cine, rather than what depends on corrections.
    """

    own: NDArray[np.bool_]
    marks: NDArray[np.uint32]
    model: str
    device: str
    whole: bool


class Run:
    """Takes what the job tells to the scene.

    Attributes
    ----------
    asked: what it was started with.
    filling: slices on their way into the scene.
    progress: the last that the job told; a total of 0 is not known yet.
    outcome: when all went well.
    sentence: why it ended otherwise; empty where the user wanted it to.
    log: all that the process said, where it failed.
    """

    def __init__(self, job: Running, asked: Asked, filling: Filling, hear: Callable[[str], None]) -> None:
        self.asked, self.filling = asked, filling
        self.progress = Advanced(0, 0, None, "Getting ready")
        self.outcome: Outcome | None = None
        self.sentence = self.log = ""
        self._job, self._hear = job, hear
        self._told_end = False

    def poll(self, until: float, first: int) -> bool:
        """Work until `time.monotonic` passes ``until``, on phase ``first`` before others.

        True when nothing was left to do: what is done at the end has a call of its own, so that none takes long.
        """
        if self._told_end and not self.filling.busy:
            return True
        if not self._told_end:
            for event in self._job.poll():
                self._take(event)
        self.filling.step(until, first)
        return False

    def cancel(self) -> None:
        """The scene will be as before."""
        self._job.cancel()
        if self.outcome is not None:
            self.outcome = None
            self.filling.want_back()

    def close(self) -> None:
        """End the job at once and put nothing more into the scene."""
        self._job.close()

    def _take(self, event: object) -> None:
        match event:
            case Advanced():
                self.progress = event
            case SliceDone(z, labels):
                self.filling.want_slice(z, labels)
            case Logged(line):
                self._hear(line)
            case Finished(outcome):
                self.outcome, self._told_end = outcome, True
                self.filling.want_all(outcome.labels)
            case Failed(sentence, log):
                self.sentence, self.log, self._told_end = sentence, log, True
                self.filling.want_back()
            case Cancelled():
                self._told_end = True
                self.filling.want_back()
