"""The one piece of work that a second process may do for a session at a time."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np

from medvos.errors import InputError
from MedVOSSegmentLib.job.events import Advanced
from MedVOSSegmentLib.job.proposal import Proposal
from MedVOSSegmentLib.job.runner import Starts
from MedVOSSegmentLib.session import obstructing, propagating
from MedVOSSegmentLib.session.filling import Filling
from MedVOSSegmentLib.session.models import NEED_NO_DRAWING
from MedVOSSegmentLib.session.obstructing import Obstructing
from MedVOSSegmentLib.session.proposing import Proposing
from MedVOSSegmentLib.session.run import Run
from MedVOSSegmentLib.session.work import Work

LOG_LINES = 2000
RUNNING = "The segmentation is running: wait for its end or cancel it first."
AGAIN = "The obstruction was that of the heart as it was before: predict it again."
LOST = "The result could not be brought into the scene, and the segments are as they were: start again, or see the log."

logger = logging.getLogger(__name__)


class Background:
    """Starts a propagation, a proposal or a search for obstruction and takes what comes of it to a `Work`.

    Parameters
    ----------
    runner: starts jobs.
    tell: is given a sentence for the user at the end.
    pass_on: is given each line that the process says.
    """

    def __init__(self, runner: Starts, tell: Callable[[str], None], pass_on: Callable[[str], None]) -> None:
        self._runner, self._tell, self._pass_on = runner, tell, pass_on
        self._job: Run | Proposing | Obstructing | None = None
        self._ending: Iterator[None] | None = None
        self._lines: deque[str] = deque(maxlen=LOG_LINES)

    @property
    def is_running(self) -> bool:
        return self._job is not None

    @property
    def is_whole(self) -> bool:
        """Whether the whole cine is worked on, rather than a slice."""
        return isinstance(self._job, Run | Obstructing)

    @property
    def progress(self) -> Advanced | None:
        """None where nothing is running; a total of 0 is not known yet."""
        return None if self._job is None else self._job.progress

    @property
    def log(self) -> str:
        """The newest lines of the process that ran last."""
        return "\n".join(self._lines)

    @property
    def filling(self) -> Filling | None:
        """What a propagation is bringing into the scene."""
        return self._job.filling if isinstance(self._job, Run) else None

    def refuse(self) -> None:
        """Raises InputError while something is running."""
        if self._job is not None:
            raise InputError(RUNNING)

    def propagate(self, work: Work, model: str | None, device: str) -> None:
        """Through the whole cine, by the model that fits unless another is named."""
        self._lines.clear()
        self._job = propagating.start(self._runner, work, model, device, self._hear, whole=True)

    def follow_corrections(self, work: Work) -> None:
        """Through what depends on them, with the device of the result and its model, where that follows drawings."""
        self._lines.clear()
        found = work.state.findings
        model = found.model if work.state.drawn.any() and found.model not in NEED_NO_DRAWING else None
        self._job = propagating.start(self._runner, work, model, found.device, self._hear, whole=False)

    def propose(self, work: Work, place: tuple[int, int], model: str, device: str) -> None:
        """A drawing at a phase and slice."""
        self._lines.clear()
        task = Proposal(work.cine, *place, model=model, device=device)
        self._job = Proposing(self._runner.start(task), place, self._hear)

    def find_obstruction(self, work: Work, model: str, device: str) -> None:
        """In the wall of what the segments hold now."""
        self._lines.clear()
        self._job = obstructing.start(self._runner, work, model, device, self._hear)

    def poll(self, work: Work, until: float) -> None:
        """Take in what was done, until `time.monotonic` passes ``until`` or a little later."""
        try:
            self._advance(work, until)
        except Exception:
            # A scene in which the cine was changed meanwhile, or a defect: this must not come again at every poll.
            logger.exception("What a job gave could not be taken in.")
            self._lines += traceback.format_exc().splitlines()
            self._give_up(work)

    def _advance(self, work: Work, until: float) -> None:
        if self._ending is not None:
            self._end(self._ending)
        elif self._job is not None:
            is_over = self._job.poll(until, work.phase)
            work.save_written()
            if is_over:
                self._ending = self._take(work, self._job)

    def cancel(self) -> None:
        """Stop it; the scene will be as before after some more polls. Too late while the end is taken in."""
        if self._job is not None and self._ending is None:
            self._job.cancel()

    def close(self, *, restore: bool) -> None:
        """Stop it now; with ``restore`` the scene is as before when this returns, and else left alone."""
        job, ending, self._job, self._ending = self._job, self._ending, None, None
        if job is None:
            return
        job.close()
        if restore and ending is not None:
            for _ in ending:
                pass
        elif restore and isinstance(job, Run):
            job.filling.want_back()
            job.filling.step()

    def _give_up(self, work: Work) -> None:
        """End the job and take back what of it is in the scene, as far as the scene allows."""
        self._ending = None
        with suppress(Exception):
            self.close(restore=True)
            work.show_findings()
            work.save()
        self._tell(LOST)

    def _end(self, ending: Iterator[None]) -> None:
        """The next part of it; after the last there may be another job."""
        for _ in ending:
            return
        self._job = self._ending = None

    def _take(self, work: Work, job: Run | Proposing | Obstructing) -> Iterator[None]:
        """Take in what a job gave, in parts that take a moment each."""
        if job.sentence:
            self._lines = deque(job.log.splitlines(), maxlen=LOG_LINES)
            self._tell(job.sentence)
        elif isinstance(job, Proposing):
            self._take_proposal(work, job)
        elif job.outcome is None:
            self._tell("Cancelled: the segments are as they were.")
        elif isinstance(job, Obstructing):
            yield from obstructing.finish(work, job)
            self._tell(obstructing.sentence(work))
        else:
            gone = [AGAIN] if work.state.obstruction is not None else []
            yield from propagating.finish(work, job)
            images = "frames" if work.cine.is_echo else "slices"
            found = f"The heart is segmented: look at the {images} that the model is least sure of."
            self._tell("\n".join([*job.outcome.provenance.get("doubts", ()), found, *gone]))

    def _hear(self, line: str) -> None:
        self._lines.append(line)
        self._pass_on(line)

    def _take_proposal(self, work: Work, job: Proposing) -> None:
        phase, z = job.place
        if job.labels is None:
            self._tell("Cancelled: nothing was drawn.")
        elif not job.labels.any():
            self._tell("No heart was found on this slice: draw it, or try another slice.")
        elif work.known.filled[phase, z]:
            self._tell("You have drawn on this slice meanwhile: your drawing stays as it is.")
        else:
            work.put("proposal", np.array([job.place]), job.labels[None])
            self._tell("This is a proposal: correct it before the heart is segmented from it.")
