"""Obstruction of the wall: on its way from the second process, and into the state of a heart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from MedVOSSegmentLib.job.obstruction import ObstructionRequest
from MedVOSSegmentLib.job.runner import Running, Starts
from MedVOSSegmentLib.session.awaiting import Awaiting
from MedVOSSegmentLib.session.step import Step
from MedVOSSegmentLib.session.work import Work


class Obstructing(Awaiting):
    """Waits for an `Obstruction`."""

    def __init__(self, job: Running, hear: Callable[[str], None]) -> None:
        super().__init__(job, "Getting ready", hear)


def start(runner: Starts, work: Work, model: str, device: str, hear: Callable[[str], None]) -> Obstructing:
    """Begin to look at what the segments hold now. Raises InputError where the runner is busy."""
    request = ObstructionRequest(work.cine, work.known.labels.copy(), model, device)
    return Obstructing(runner.start(request), hear)


def finish(work: Work, job: Obstructing) -> Iterator[None]:
    """Take in what was found, in parts that take a moment each."""
    work.do("obstruction", replace(work.state, obstruction=job.outcome, step=Step.MEASURE))
    yield from work.show_obstruction()


def sentence(work: Work) -> str:
    """What to tell the user at the end, beside the notice that stays."""
    if work.obstructed is not None and work.obstructed.any():
        return "What was predicted is in the views and in the table: look whether it can be."
    return "No obstruction was predicted, which does not rule it out."
