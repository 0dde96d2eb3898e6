"""The one piece of work that a second process may do for a session at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Advanced
from MedVOSSegmentLib.job.proposal import Proposal
from MedVOSSegmentLib.job.runner import Starts
from MedVOSSegmentLib.session import propagating
from MedVOSSegmentLib.session.filling import Filling
from MedVOSSegmentLib.session.proposing import Proposing
from MedVOSSegmentLib.session.run import Run
from MedVOSSegmentLib.session.work import Work

RUNNING = "The segmentation is running: wait for its end or cancel it first."


class Background:
    """Starts a propagation or a proposal and takes what comes of it to a `Work`.

    Parameters
    ----------
    runner: starts jobs.
    tell: is given a sentence for the user at the end.
    log: is given each line of the process.
    """

    def __init__(self, runner: Starts, tell: Callable[[str], None], log: Callable[[str], None]) -> None:
        self._runner, self._tell, self._log = runner, tell, log
        self._job: Run | Proposing | None = None

    @property
    def is_running(self) -> bool:
        return self._job is not None

    @property
    def is_propagating(self) -> bool:
        return isinstance(self._job, Run)

    @property
    def progress(self) -> Advanced | None:
        """None where nothing is running; a total of 0 is not known yet."""
        return None if self._job is None else self._job.progress

    @property
    def filling(self) -> Filling | None:
        """What a propagation is bringing into the scene."""
        return self._job.filling if isinstance(self._job, Run) else None

    def refuse(self) -> None:
        """Raises InputError while something is running."""
        if self._job is not None:
            raise InputError(RUNNING)

    def propagate(self, work: Work, model: str, device: str) -> None:
        """Through the whole cine."""
        self._job = propagating.start(self._runner, work, model, device, self._log, whole=True)

    def follow_corrections(self, work: Work) -> None:
        """Through what depends on them, with the model and the device of the result."""
        found = work.state.findings
        self._job = propagating.start(self._runner, work, found.model, found.device, self._log, whole=False)

    def propose(self, work: Work, place: tuple[int, int], model: str, device: str) -> None:
        """A drawing at a phase and slice."""
        task = Proposal(work.cine, *place, model=model, device=device)
        self._job = Proposing(self._runner.start(task), place, self._log)

    def poll(self, work: Work, until: float) -> None:
        """Take in what was done, until `time.monotonic` passes ``until`` or a little later."""
        if self._job is None:
            return
        is_over = self._job.poll(until, work.phase)
        work.save_written()
        if not is_over:
            return
        job, self._job = self._job, None
        if job.sentence:
            self._tell(job.sentence)
        elif isinstance(job, Proposing):
            self._take_proposal(work, job)
        elif job.outcome is None:
            self._tell("Cancelled: the segments are as they were.")
        else:
            propagating.finish(work, job)
            self._tell("The heart is segmented: look at the slices that the model is least sure of.")

    def cancel(self) -> None:
        """Stop it; the scene will be as before after some more polls."""
        if self._job is not None:
            self._job.cancel()

    def close(self, *, restore: bool) -> None:
        """Stop it now; with ``restore`` the scene is as before when this returns, and else left alone."""
        job, self._job = self._job, None
        if job is None:
            return
        job.close()
        if restore and isinstance(job, Run):
            job.filling.want_back()
            job.filling.step()

    def _take_proposal(self, work: Work, job: Proposing) -> None:
        phase, level = job.place
        if job.labels is None:
            self._tell("Cancelled: nothing was drawn.")
        elif not job.labels.any():
            self._tell("No heart was found on this slice: draw it, or try another slice.")
        elif work.known.filled[phase, level]:
            self._tell("You have drawn on this slice meanwhile: your drawing stays as it is.")
        else:
            work.put("proposal", np.array([job.place]), job.labels[None])
            self._tell("This is a proposal: correct it before the heart is segmented from it.")
