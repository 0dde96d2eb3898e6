"""A propagation from its start until the scene shows its whole result, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.job.events import Event, SliceDone
from MedVOSSegmentLib.job.outcome import PropagationOutcome
from MedVOSSegmentLib.job.runner import RunningJob
from MedVOSSegmentLib.session.label_writer import LabelWriter
from MedVOSSegmentLib.session.pending_job import PendingJob
from MedVOSSegmentLib.text import tr


@dataclass(frozen=True, eq=False)
class PropagationRequest:
    """The options of a propagation, and the labels at its start.

    Attributes
    ----------
    own: (T, Z) bool, the user's slices at the start.
    marks: (T, Z) uint32 checksums of all slices at the start.
    model, device: as `medvos` names them.
    whole: the whole cine, rather than the frames that depend on corrections.
    """

    own: NDArray[np.bool_]
    marks: NDArray[np.uint32]
    model: str
    device: str
    whole: bool


class PendingPropagation(PendingJob[PropagationOutcome]):
    """Writes slices into the scene as they are done, then the whole result.

    Attributes
    ----------
    request: the options with which it was started.
    writer: the queue of slices for the scene.
    """

    def __init__(
        self, job: RunningJob, request: PropagationRequest, writer: LabelWriter, on_log: Callable[[str], None]
    ) -> None:
        super().__init__(job, tr("Getting ready"), on_log)
        self.request, self.writer = request, writer

    def poll(self, until: float, first: int) -> bool:
        """Write until `time.monotonic` passes ``until``, on phase ``first`` before others.

        True when nothing was left to write: the end is taken in by another call, so that no call takes long.
        """
        if self._has_ended and not self.writer.busy:
            return True
        if not self._has_ended:
            self._take_events()
        self.writer.step(until, first)
        return False

    def cancel(self) -> None:
        """Kill the job, and queue the restoration of the scene where its result was being written."""
        self._job.cancel()
        if self.outcome is not None:
            self.outcome = None
            self.writer.queue_restore()

    def restore(self) -> None:
        """Write back the labels from before, at once."""
        self.writer.queue_restore()
        self.writer.step()

    def _take(self, event: Event) -> None:
        super()._take(event)
        if isinstance(event, SliceDone):
            self.writer.queue_slice(event.slice, event.labels)
        elif self._has_ended and self.outcome is not None:
            self.writer.queue_all(self.outcome.labels)
        elif self._has_ended:
            self.writer.queue_restore()
