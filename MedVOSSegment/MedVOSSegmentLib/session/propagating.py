"""From a heart's state to a propagation, and from its result to the next state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from MedVOSSegmentLib.job.request import Previous, Request
from MedVOSSegmentLib.job.runner import Starts
from MedVOSSegmentLib.session.corrections import Cost, cost_of, previous_of, seed_of
from MedVOSSegmentLib.session.filling import Filling
from MedVOSSegmentLib.session.known import fingerprint
from MedVOSSegmentLib.session.models import NEED_NO_DRAWING, fitting
from MedVOSSegmentLib.session.run import Asked, Run
from MedVOSSegmentLib.session.state import Findings
from MedVOSSegmentLib.session.step import Step
from MedVOSSegmentLib.session.work import Work

# The user keeps something that the propagation saw otherwise: its measures are not those of the segments.
NOT_AS_FOUND = -1


def start(
    runner: Starts, work: Work, model: str | None, device: str, hear: Callable[[str], None], *, whole: bool
) -> Run:
    """Begin a propagation through the whole cine, or through what depends on corrections.

    Without a model that which fits is taken; a clip without a drawing goes to one that needs none, and such a model is
    given none.

    Raises InputError where the runner is busy.
    """
    own = work.own
    seed = seed_of(work.known.labels, own if whole else own | work.state.accepted)
    model = model or fitting(work.cine, drawn=bool(seed.drawn.any()))
    given = None if model in NEED_NO_DRAWING else seed.labels
    asked = Asked(own, work.known.marks.copy(), model, device, whole)
    before = None if whole else previous(work)
    request = Request(work.cine, given, model, device, before)
    # The first version of a slice must not appear where the user has one.
    kept = asked.own | work.state.accepted
    return Run(runner.start(request), asked, Filling(work.heart, work.known, work.written, kept), hear)


def cost_of_corrections(work: Work) -> Cost:
    """What following the corrections takes; there must be a result."""
    seed = seed_of(work.known.labels, work.own | work.state.accepted)
    if not seed.drawn.any():
        return Cost(0, 0.0, 0.0)
    return cost_of(work.cine, seed, previous(work), work.state.findings.full_seconds)


def previous(work: Work) -> Previous:
    """The last result as the engine wants it for corrections."""
    return previous_of(
        work.known.labels, work.uncertainty(), work.state.findings.scores, work.state.drawn, work.changed
    )


def finish(work: Work, run: Run) -> Iterator[None]:
    """Take in a result whose labels are in the scene, in parts that take a moment each."""
    asked, outcome = run.asked, run.outcome
    work.hold_uncertainty()
    work.heart.set_uncertainty(outcome.uncertainty)
    work.heart.set_provenance(outcome.provenance)
    yield
    is_as_found = bool((outcome.labels == work.known.labels).all())
    measured = fingerprint(work.known.marks) if is_as_found else NOT_AS_FOUND
    yield
    seconds = float(outcome.provenance.get("seconds", 0.0))
    known = work.state.findings
    marks = work.written.copy()
    marks[asked.own] = asked.marks[asked.own]
    findings = Findings(
        scores=outcome.slice_scores,
        measures=outcome.measures,
        measured=measured,
        phases=outcome.phases,
        provenance=outcome.provenance,
        model=asked.model,
        device=asked.device,
        full_seconds=seconds if asked.whole or known is None else known.full_seconds,
        uncertainty=outcome.uncertainty,
    )
    state = replace(work.state, drawn=asked.own, marks=marks, step=Step.REVIEW, findings=findings, obstruction=None)
    work.do("propagation" if asked.whole else "corrections", state, run.filling.patch())
    yield from work.show_obstruction()
